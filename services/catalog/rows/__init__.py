"""Rows of the merged manifest: in their owner's order, under their names, some made of several."""

"""Rows of the merged manifest, as their owners arrange them."""

"""Sync owns what moves in the background: job runs and when they are due. It keeps no content of its own."""

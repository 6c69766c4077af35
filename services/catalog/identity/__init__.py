"""Which entries of which addons are the same title. Pure: entries in, titles and reasons out."""

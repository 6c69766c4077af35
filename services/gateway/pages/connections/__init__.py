"""Pages about a profile's accounts elsewhere."""

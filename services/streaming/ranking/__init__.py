"""Which source is which, and which is the one to try first. Pure."""

"""Limits on requests: as they are set, which a request meets, and how its answer tells."""

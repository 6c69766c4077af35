"""Schema history of the streaming service, append-only."""

"""Schema history of the catalog service, append-only."""

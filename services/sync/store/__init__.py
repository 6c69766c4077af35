"""All SQL of the sync service, one module per table."""

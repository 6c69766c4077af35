"""The history of auth's tables."""

"""Rows as one profile sees them: with marks of what it has watched, or without what it has."""

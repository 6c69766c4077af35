"""Whole answers, ratings and all, kept for everybody who has the same addons and chose the same."""

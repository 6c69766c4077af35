"""Titles as people and panels write them: what is compared and what is searched by. Pure."""

"""Trakt, version 2 of its API, as a client of one user speaks it: signing in by code, reading, writing."""

"""Stremio's account API: signing in, by password or code, the list of addons, and the library."""

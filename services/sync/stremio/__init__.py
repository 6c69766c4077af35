"""Profiles' accounts at Stremio: how they are connected, and what is changed there."""

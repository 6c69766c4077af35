"""Profiles' accounts at Trakt: how they are connected, and how they may be asked."""

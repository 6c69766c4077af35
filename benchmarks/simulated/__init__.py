"""Simulated users against any address: players that browse, search and watch, and people on the REST API."""

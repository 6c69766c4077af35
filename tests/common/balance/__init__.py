"""Calls to services that run more than once."""

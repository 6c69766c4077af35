"""Mechanism shared by every service: no table, no product rule."""

"""The services of the hub."""

"""Backups: everything the services keep as one file, the same commands for both engines."""

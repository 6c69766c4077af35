"""What a process tells of itself for diagnostics."""

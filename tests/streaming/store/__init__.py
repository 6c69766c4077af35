"""What streaming keeps, on both engines."""

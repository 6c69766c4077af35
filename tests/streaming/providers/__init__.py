"""What can offer sources of a video."""

"""What somebody may set for themselves: their account and its profiles."""

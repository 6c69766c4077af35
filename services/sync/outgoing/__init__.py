"""What was watched here goes to a connected account elsewhere, once."""

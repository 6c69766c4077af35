"""The outside world as sync asks it."""

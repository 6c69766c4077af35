"""Files of viewing that people bring: looked at first, then taken over, and taken back."""

"""Files of viewing that people bring."""

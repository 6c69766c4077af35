"""Everything a user owns, taken along as one file."""

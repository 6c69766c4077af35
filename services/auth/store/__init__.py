"""All SQL of the auth service, by what it keeps. Tokens are stored as hashes only."""

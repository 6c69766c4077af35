"""All SQL of the streaming service, by what it keeps. Every account call is scoped by account and profile."""

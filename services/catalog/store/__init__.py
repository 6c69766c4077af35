"""All SQL of the catalog service, by what it keeps. Every account call is scoped by account and profile."""

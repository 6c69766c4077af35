"""The library's pages: accounts at providers, what they have, and which titles that is."""

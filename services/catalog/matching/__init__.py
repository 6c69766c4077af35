"""Which titles the films and series of the library are."""

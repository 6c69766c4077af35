"""Pure clients and wire models of the protocols of the outside world."""

"""What crosses the wire between services: frozen shapes and one typed client per service."""

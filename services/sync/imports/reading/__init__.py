"""Reading such a file, in a process of its own."""

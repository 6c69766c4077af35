"""Lists that say which ids of anime sites are one thing."""

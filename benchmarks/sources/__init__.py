"""Sources of films and episodes as addons describe them, made up by a seed."""

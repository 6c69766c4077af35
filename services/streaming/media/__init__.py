"""Films, episodes and channels passed on from providers to players."""

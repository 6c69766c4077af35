"""M3U lists of channels and films: read as they arrive, written piece by piece, kept nowhere."""

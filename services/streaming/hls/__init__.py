"""Films made into what a player can play: asked about, cut into segments, made when they are asked for."""

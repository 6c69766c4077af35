"""How to play it: the sources of a video, in order. Owns no table yet."""

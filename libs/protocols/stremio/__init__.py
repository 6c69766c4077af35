"""The Stremio addon protocol, read tolerantly and written strictly."""

"""Where addons are asked: over HTTP, or inside the hub."""

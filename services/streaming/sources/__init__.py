"""Where answers come from: addons over HTTP, and those built into the hub."""

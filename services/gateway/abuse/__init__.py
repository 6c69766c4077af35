"""Who misuses the hub: rules over refused requests, scores that leak, blocks that end by themselves."""

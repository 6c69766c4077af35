"""What the owner and administrators see and set: users, health, limits, blocks, the audit log."""

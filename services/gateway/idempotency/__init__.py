"""Idempotency keys: a change asked for twice under one key is made once, and both get the same answer."""

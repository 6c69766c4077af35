"""Xtream panels, read tolerantly: addresses, the account, lists of any size, details and guide."""

"""A process of its own that reads what a provider has: bytes of one list in, lines of rows out.

Neither the loop nor its memory notices: what is known already is dropped here by its hash, and what is new
goes through sync to catalog without being looked at again.
"""

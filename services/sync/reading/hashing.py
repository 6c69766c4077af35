"""What tells whether something is as it was: 64 bits of everything that its provider says about it."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

READING: Final = b"1"
"""Raised when entries are read better than before: each is then sent once more."""

_NUMBERED: Final = b'{"num":'
_NUMBER: Final = re.compile(rb'"num"\s*:\s*"?\d*"?\s*,?')


def hash_of(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8, person=READING).digest(), "little", signed=True)


def hash_of_entry(entry: bytes) -> int:
    """Without its place on the panel: one entry that goes renumbers all that follow it."""
    if entry.startswith(_NUMBERED):
        entry = entry[entry.find(b",") + 1 :]
    elif b'"num"' in entry:
        entry = _NUMBER.sub(b"", entry, 1)
    return hash_of(entry)


def id_of(content: bytes) -> int:
    """63 bits that stand for what has no number of its own."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little") >> 1

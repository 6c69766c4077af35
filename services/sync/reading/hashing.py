"""What tells whether something is as it was: 64 bits of everything that its provider says about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

from libs.common.contracts.handover_rows import unpacked

READING: Final = b"1"
"""Raised when entries are read better than before: each is then sent once more."""

_HASH: Final = blake2b(digest_size=8, person=READING)
_NUMBERED: Final = b'{"num":'
_NUMBER: Final = re.compile(rb'"num"\s*:\s*"?\d*"?\s*,?')


def hash_of(content: bytes) -> int:
    return int.from_bytes(_digest(content), "little", signed=True)


def hashes_of_entries(entries: Iterable[bytes]) -> Sequence[int]:
    """Without their places on the panel: one entry that goes renumbers all that follow it."""
    return unpacked(b"".join(map(_digest, map(_without_number, entries))))


def _without_number(entry: bytes) -> bytes:
    if entry.startswith(_NUMBERED):
        return entry[entry.find(b",") + 1 :]
    return _NUMBER.sub(b"", entry, 1) if b'"num"' in entry else entry


def _digest(content: bytes) -> bytes:
    hashed = _HASH.copy()
    hashed.update(content)
    return hashed.digest()


def id_of(content: bytes) -> int:
    """63 bits that stand for what has no number of its own."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little") >> 1

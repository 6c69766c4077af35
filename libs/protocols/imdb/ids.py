"""IMDb's title ids as numbers, and large sets of them in little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST = 2**28
"""IMDb has given out about 40 million ids; a set that holds the last one below this takes 32 MB."""

_TITLE_ID = re.compile(r"tt([0-9]{1,9})")


def title_number(title_id: str) -> int | None:
    """27 of `tt0000027`; None for what is no id of a title."""
    found = _TITLE_ID.fullmatch(title_id)
    if found is None or int(found[1]) >= MOST:
        return None
    return int(found[1])


def title_id(number: int) -> str:
    """The id as IMDb writes it: at least seven digits."""
    return f"tt{number:07d}"


class IdSet:
    """Title numbers as a bitmap: 40 million of them may be in or out at 5 MB."""

    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, number: int) -> None:
        place = number >> 3
        if place >= len(self._bits):
            # In steps, since ids mostly come in order.
            self._bits.extend(bytes(max(64 * 1024, place + 1 - len(self._bits))))
        self._bits[place] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)

    def of_lines(self, lines: Iterable[str]) -> list[str]:
        """Those lines whose first field is a title of the set, or no title id at all.

        Nine of ten lines of a large file end here, so nothing is called for one of them.
        """
        bits, size, found = self._bits, len(self._bits), list[str]()
        for line in lines:
            try:
                number = int(line[2 : line.index("\t")])
            except ValueError:
                found.append(line)
                continue
            place = number >> 3
            if place < size and bits[place] >> (number & 7) & 1:
                found.append(line)
        return found

    def to_bytes(self) -> bytes:
        """What the constructor takes."""
        return bytes(self._bits).rstrip(b"\0")

"""How large a file is said to be, and how exactly that was said."""

from __future__ import annotations

import re
from math import ceil
from typing import Final

import msgspec

_SAID: Final = re.compile(r"(?<![\w.])(\d{1,5})(?:[.,](\d{1,3}))?\s?([kmgt])i?b(?![\w/])")
_POWER: Final = {"k": 1, "m": 2, "g": 3, "t": 4}
FINE: Final = 0.005
"""Said more roughly than that, a size tells files of one name apart but doesn't make them one."""


class Size(msgspec.Struct, frozen=True, gc=False):
    """Between `low` and `high` bytes: the same where a program counted them."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    @property
    def size_bytes(self) -> int:
        return (self.low + self.high) // 2

    @property
    def is_fine(self) -> bool:
        return self.high - self.low <= 2 * FINE * self.low

    def may_be(self, other: Size) -> bool:
        """Whether one number of bytes fits both."""
        return self.low <= other.high and other.low <= self.high


def exactly(size_bytes: object) -> Size | None:
    if isinstance(size_bytes, int) and not isinstance(size_bytes, bool) and 0 < size_bytes < 1 << 50:
        return Size(size_bytes, size_bytes)
    return None


def read_size(text: str) -> Size | None:
    """The first size in a text of small letters. Addons count by 1024, whatever they call it."""
    found = _SAID.search(text)
    if found is None:
        return None
    unit = 1024 ** _POWER[found[3]]
    fraction = found[2] or ""
    said = float(f"{found[1]}.{fraction or 0}")
    half = 0.5 * 10 ** -len(fraction)
    if said <= half:
        return None
    # What rounds to it, without what rounds to its neighbour.
    return Size(ceil((said - half) * unit), ceil((said + half) * unit) - 1)

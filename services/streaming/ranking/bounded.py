"""How many sources of a video are looked at, however many are offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.addons.items import Item
from services.streaming.model import Addon

MOST_SOURCES: Final = 2_000
"""Nobody looks through that many, and each has to be understood and ranked while others wait."""

Lists = Sequence[tuple[Addon, Sequence[Item]]]


def longest(lists: Lists) -> int:
    """How much of a list is looked at: short ones whole, of long ones as much as those leave room for."""
    room = MOST_SOURCES
    lengths = sorted(len(items) for _, items in lists)
    for left, length in zip(range(len(lengths), 0, -1), lengths, strict=True):
        if length > room // left:
            return room // left
        room -= length
    return MOST_SOURCES

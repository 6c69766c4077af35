"""XMLTV's times: digits from the year down as far as they are known, and an offset from UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

_TIME = re.compile(
    r"([0-9]{8})([0-9]{2})?([0-9]{2})?([0-9]{2})?\s*(?:([+-])([0-9]{2}):?([0-9]{2})|([A-Za-z]{1,4}))?"
)
_DAY_S = 86_400
_YEARS = range(1970, 2200)
_NAMED_MIN = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "CEST": 120}
"""The DTD allows names of zones and names only BST; names that mean several zones are left out."""
_FARTHEST_OFFSET_MIN = 14 * 60


@lru_cache(maxsize=1024)
def epoch_s(text: str) -> int | None:
    """`20260102153000 +0100`; a time without an offset is UTC, and what is no time is None.

    A programme mostly starts when another has stopped, so half of them are asked for again at once.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    day, hours, minutes, seconds, sign, offset_h, offset_min, name = found.groups("")
    midnight_s = _midnight_s(day)
    zone_min = _zone_min(sign, offset_h, offset_min, name)
    if midnight_s is None or zone_min is None:
        return None
    clock = (int(hours or 0), int(minutes or 0), int(seconds or 0))
    if clock > (24, 0, 0) or clock[1] > 59 or clock[2] > 60:  # 24:00 is a day's end, :60 a leap second
        return None
    return midnight_s + clock[0] * 3600 + (clock[1] - zone_min) * 60 + clock[2]


def written(epoch: int) -> str:
    """In UTC, as every player reads it."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%d%H%M%S +0000")


@lru_cache(maxsize=256)
def _midnight_s(day: str) -> int | None:
    """A guide spans some weeks: nearly every time asks for a day that was asked for before."""
    try:
        found = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return (found.toordinal() - date(1970, 1, 1).toordinal()) * _DAY_S if found.year in _YEARS else None


def _zone_min(sign: str, hours: str, minutes: str, name: str) -> int | None:
    if name:
        return _NAMED_MIN.get(name.upper())
    if not sign:
        return 0
    if int(minutes) > 59:
        return None
    offset_min = int(hours) * 60 + int(minutes)
    if offset_min > _FARTHEST_OFFSET_MIN:
        return None
    return -offset_min if sign == "-" else offset_min

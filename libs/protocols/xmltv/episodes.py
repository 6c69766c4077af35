"""The number of an episode, in the systems that say which season and which episode."""

from __future__ import annotations

import re
from functools import lru_cache

from libs.protocols.xmltv.rows import EpisodeNumber

_MOST = 99_999
"""Daily programmes count into the ten thousands; what is longer is a date or an id."""
_NS_PART = re.compile(r"([0-9]{1,5})?(?:/([0-9]{1,5}))?")
_ONSCREEN = (
    re.compile(
        r"s(?:eason|eries|taffel)?[ .:]*([0-9]{1,4})[ .,:/x-]*(?:ep?|episode|folge)[ .:]*([0-9]{1,5})\b"
    ),
    re.compile(r"([0-9]{1,2})x([0-9]{1,3})\b"),
    re.compile(r"()(?:ep?|episode|folge)[ .:]*([0-9]{1,5})\b"),
)


@lru_cache(maxsize=1024)
def of_xmltv_ns(text: str) -> EpisodeNumber | None:
    """`1.4/12.0/2` and all that is shorter; None where nothing is known."""
    parts = "".join(text.split()).split(".")
    found = [_NS_PART.fullmatch(part) for part in (*parts, "", "")[:3]]
    if len(parts) > 3 or None in found:
        return None
    values = [_number(one[1]) if one else None for one in found]
    totals = [_number(one[2]) if one else None for one in found]
    number = EpisodeNumber(*values, *totals)
    return None if number == EpisodeNumber() else number


@lru_cache(maxsize=1024)
def of_onscreen(text: str) -> EpisodeNumber | None:
    """`S02E05`, `2x05`, `Season 2 Episode 5`, `Ep. 5`; others say it in words that nobody agrees on."""
    for form in _ONSCREEN:
        if found := form.match(text.strip().lower()):
            season, episode = _number(found[1]), _number(found[2])
            # No word of a special season in xmltv_ns, which begins with zero for the first.
            if season == 0 or not episode:
                return None
            return EpisodeNumber(None if season is None else season - 1, episode - 1)
    return None


def in_xmltv_ns(number: EpisodeNumber) -> str:
    """What of_xmltv_ns reads as the same."""
    return ".".join(
        _part(value, total)
        for value, total in (
            (number.season, number.seasons),
            (number.episode, number.episodes),
            (number.part, number.parts),
        )
    )


def _part(value: int | None, total: int | None) -> str:
    return ("" if value is None else str(value)) + ("" if total is None else f"/{total}")


def _number(digits: str | None) -> int | None:
    return int(digits) if digits and int(digits) <= _MOST else None

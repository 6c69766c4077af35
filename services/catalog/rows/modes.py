"""In which order the items of several rows stand in one row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Final

import msgspec

from libs.common.contracts.rows import MergeMode
from libs.protocols.stremio.reading import text
from services.catalog.ratings import asked_by
from services.catalog.titles import Place

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST: Final = 10.0
"""IMDb's best."""


class _Meta(msgspec.Struct, frozen=True):
    imdbRating: object = None
    links: object = None
    released: object = None


_DECODER: Final = msgspec.json.Decoder(_Meta)


def ordered(mode: MergeMode, lists: Sequence[Sequence[Place]], ratings: Mapping[str, float]) -> list[Place]:
    """The places of all lists. What has no rating or no date stands behind what has one.

    `ratings` are IMDb's by what each is asked by, as far as they are known here; of others counts what their
    addon says.
    """
    if mode == "sequential":
        return list(chain.from_iterable(lists))
    mixed = list(_in_turns(lists))
    if mode == "by_rating":
        mixed.sort(key=lambda place: _rating(place, ratings), reverse=True)
    elif mode == "by_date":
        mixed.sort(key=_date, reverse=True)
    return mixed


def _in_turns(lists: Sequence[Sequence[Place]]) -> Iterator[Place]:
    for each in zip_longest(*lists):
        yield from (place for place in each if place is not None)


def _rating(place: Place, ratings: Mapping[str, float]) -> float:
    asked = asked_by(place.entry.ids)
    if asked in ratings:
        return ratings[asked]
    meta = _DECODER.decode(place.item.raw)
    said = [meta.imdbRating]
    if isinstance(meta.links, list):
        said += [each.get("name") for each in meta.links if isinstance(each, dict) and _is_imdb(each)]
    return max(map(_number, said))


def _is_imdb(link: Mapping[str, object]) -> bool:
    return str(link.get("category", "")).casefold() == "imdb"


def _number(written: object) -> float:
    """Of "7.9", 7.9 or "7.9/10"; 0 for nothing or nonsense."""
    try:
        number = float((text(written) or "0").partition("/")[0])
    except ValueError:
        return 0.0
    return number if math.isfinite(number) and 0 < number <= _MOST else 0.0


def _date(place: Place) -> str:
    """The day, or the year where no day is known; nothing is before everything."""
    day = _DAY.match(text(_DECODER.decode(place.item.raw).released) or "")
    if day is not None:
        return day[0]
    return "" if place.entry.year is None else f"{place.entry.year:04}"

"""Titles without a public id, found at TMDB by name and year: the one that fits, or none."""

from __future__ import annotations

from collections.abc import Iterable

from libs.protocols.tmdb.wire import SearchItem
from services.catalog.identity.entry import Entry
from services.catalog.identity.names import names_of

MOST_YEARS_APART = 1


def name_and_year(entry: Entry) -> str:
    """What a question by name is kept under; "" for an entry that says too little about itself."""
    name = next(iter(entry.names), None)
    year = entry.year if name is None or entry.year is not None else name.year
    return "" if name is None or year is None else f"{year} {name.text}"


def year_and_name(asked: str) -> tuple[int, str]:
    year, _, name = asked.partition(" ")
    return int(year), name


def the_one(items: Iterable[SearchItem], name: str, year: int) -> int | None:
    """The number of the only title of that name and year; of several, the only one of the very year.

    A wrong film's poster and plot are worse than none, so near names don't count here.
    """
    wanted = {form.key for form in names_of(name, year=year)}
    near = [
        (item.id, apart)
        for item in items
        if (apart := _apart(item, year)) is not None and apart <= MOST_YEARS_APART and _has_name(item, wanted)
    ]
    exact = [number for number, apart in near if apart == 0]
    if len(exact) == 1:
        return exact[0]
    return near[0][0] if len(near) == 1 else None


def _apart(item: SearchItem, year: int) -> int | None:
    released = (item.release_date or item.first_air_date or "")[:4]
    return abs(int(released) - year) if released.isascii() and released.isdigit() else None


def _has_name(item: SearchItem, wanted: set[str]) -> bool:
    written = (item.title, item.name, item.original_title, item.original_name)
    return any(form.key in wanted for each in written if each for form in names_of(each, year=None))

"""Which part of a list is wanted: read from an address, written into one, shown as a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from libs.common.contracts.library import CategoryView, ItemKind, ItemQuery, ProviderView, Sort
from services.gateway.pages.library.words import SORT_WORDS

NAMES: Final = ("account", "category", "genre", "language", "year", "rating", "since", "favourites", "sort")
RATINGS: Final = ("5", "6", "7", "8")
SINCE_WORDS: Final[Mapping[str, str]] = {
    "1": "Since yesterday",
    "7": "In the last 7 days",
    "30": "In the last 30 days",
    "90": "In the last 90 days",
}
LABELS: Final[Mapping[str, str]] = {"genre": "Genre", "language": "Language", "year": "Year"}
MAX_CHARS: Final = 100
ITEMS: Final = 60

_YEARS: Final = re.compile(r"\s*(\d{4})\s*(?:[-–—]\s*(\d{4})?\s*)?")  # as keyboards write ranges


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of an address that say something; whatever else stands there is passed over."""

    values: Mapping[str, str]

    def address(self, path: str, **changes: str) -> str:
        pairs = {**self.values, **changes}
        asked = {name: value for name, value in pairs.items() if value}
        return f"{path}?{urlencode(asked, quote_via=quote)}" if asked else path

    def query(self, kind: ItemKind, cursor: str, now: datetime) -> ItemQuery:
        """Days begin at midnight, so that what is asked stays the same from page to page."""
        values = self.values
        first, last = _years(values.get("year", ""))
        since = values.get("since", "")
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return ItemQuery(
            account=values.get("account", ""),
            category=values.get("category", ""),
            genre=values.get("genre", ""),
            language=values.get("language", ""),
            year=first if first == last else None,
            year_from=first if first != last else None,
            year_to=last if first != last else None,
            rating_from=float(values["rating"]) if "rating" in values else None,
            added_since=midnight - timedelta(days=int(since)) if since else None,
            favourites="favourites" in values,
            sort=_sort(values.get("sort", "")),
            limit=ITEMS,
            cursor=cursor,
        )

    @property
    def sort(self) -> Sort:
        return _sort(self.values.get("sort", ""))

    @property
    def narrows(self) -> bool:
        return any(name != "sort" for name in self.values)


def read_wanted(asked: Mapping[str, str]) -> Wanted:
    found = {name: asked.get(name, "").strip()[:MAX_CHARS] for name in NAMES}
    return Wanted({name: text for name, text in found.items() if text and _says_something(name, text)})


def _says_something(name: str, text: str) -> bool:
    match name:
        case "year":
            return _years(text) != (None, None)
        case "rating":
            return text in RATINGS
        case "since":
            return text in SINCE_WORDS
        case "favourites":
            return text == "yes"
        case "sort":
            return text != "title" and text in SORT_WORDS
    return True


def chips(
    wanted: Wanted, here: str, providers: tuple[ProviderView, ...], categories: tuple[CategoryView, ...]
) -> tuple[Chip, ...]:
    names = {
        "account": {provider.id: provider.name for provider in providers},
        "category": {category.id: category.name for category in categories},
        "since": SINCE_WORDS,
        "favourites": {"yes": "Favourites"},
        "rating": {rating: f"★ {rating} and better" for rating in RATINGS},
    }
    return tuple(
        Chip(names.get(name, {}).get(value) or value, wanted.address(here, **{name: ""}))
        for name, value in wanted.values.items()
        if name != "sort"
    )


def sorts(kind: ItemKind) -> tuple[tuple[str, str], ...]:
    """Channels have neither years nor ratings."""
    return tuple(
        (value, words)
        for value, words in SORT_WORDS.items()
        if kind != "channels" or value.removeprefix("-") in ("title", "added")
    )


def _years(text: str) -> tuple[int | None, int | None]:
    """First and last of `1999`, `1990-1999` and `1990-`; none for anything else."""
    found = _YEARS.fullmatch(text)
    if found is None:
        return None, None
    first = int(found[1])
    last = int(found[2]) if found[2] else first if text.strip().isdigit() else 2200
    return (first, last) if 1800 <= first <= last <= 2200 else (None, None)


def _sort(text: str) -> Sort:
    return next((sort for sort in SORT_WORDS if sort == text), "title")

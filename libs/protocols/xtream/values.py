"""Single values as panels write them: numbers as text, text as numbers, and many ways to say nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite

import msgspec

MAX_NUMBER = 2**63 - 1
"""The largest that a table holds."""
_TOO_MANY_DIGITS = 19
_MOST_DIGITS = 40
"""Of a number that may have a fraction."""
_MAX_RATING = 10.0
_IMDB_ID = re.compile(r"tt[0-9]{5,10}")
_DIGITS = re.compile(r"[0-9]+")
_YEAR = re.compile(r"(?:18|19|20)[0-9]{2}")
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{1,2})(?:\.[0-9]+)?")


def text(value: object) -> str:
    """A text without what no table takes; a number is one, too ("24" is a series, 2018 a category)."""
    if isinstance(value, str):
        return (value.replace("\0", "") if "\0" in value else value).strip()
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value) if abs(value) <= MAX_NUMBER else ""


def whole(value: object) -> int | None:
    """A whole number of at least 0, also as text and with a fraction of zero."""
    if type(value) is int:
        return value if 0 <= value <= MAX_NUMBER else None
    if isinstance(value, str):
        if value.isdigit() and value.isascii():
            return int(value) if len(value) < _TOO_MANY_DIGITS else None
        value = number(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MAX_NUMBER else None


def some(value: object) -> int | None:
    """A whole number where 0 means none: ids, moments, lengths."""
    return (whole(value) or None) if value else None


def number(value: object) -> float | None:
    """A number, also as text and with a decimal comma."""
    if isinstance(value, str):
        return _written(value) if 0 < len(value) <= _MOST_DIGITS else None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if isfinite(found) else None


@lru_cache(maxsize=1024)
def _written(value: str) -> float | None:
    """Ratings are few, and every film has one."""
    try:
        found = float(value.replace(",", "."))
    except ValueError:
        return None
    return found if isfinite(found) else None


def rating(value: object, of_five: object = None) -> float | None:
    """0 to 10, where 0 is none; what stands in the scale of five only is doubled."""
    found = number(value)
    if found is not None and 0 < found <= _MAX_RATING:
        return found
    found = number(of_five)
    return found * 2 if found is not None and 0 < found * 2 <= _MAX_RATING else None


def flag(value: object) -> bool:
    """1, "1", true and "true"; "None" is no."""
    if not value or value == "0":
        return False
    return value is True or (isinstance(value, str) and value.strip().lower() == "true") or whole(value) == 1


def category_ids(first: object, others: object = None) -> tuple[str, ...]:
    """Of both members, each once; ids are text. A list may come as text ("[1,2]")."""
    if isinstance(others, str):
        others = _DIGITS.findall(others)
    if not isinstance(others, list):
        found = text(first)
        return (found,) if found else ()
    return tuple(dict.fromkeys(filter(None, map(text, (first, *others)))))


def links(value: object) -> tuple[str, ...]:
    """Addresses of a list, a single one, or a list written as text."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return ()
    entries = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(filter(None, map(text, entries))))


def tmdb_id(value: object, other: object = None) -> int | None:
    """The first that is one; null, "", 0 and "0" are none."""
    return some(value) or some(other)


def imdb_id(value: object) -> str | None:
    if not value:
        return None
    found = text(value)
    return found if _IMDB_ID.fullmatch(found) else None


def year(*values: object) -> int | None:
    """The first year among years and dates."""
    for value in values:
        found = _YEAR.match(text(value)) if value else None
        if found:
            return int(found[0])
    return None


def seconds(value: object) -> int | None:
    """Of "HH:MM:SS", "MM:SS", or minutes as a number or a text that begins with one."""
    if not value:
        return None
    told = text(value)
    if told.isdigit() and told.isascii():
        return some(int(told[:6]) * 60)
    clock = _CLOCK.fullmatch(told)
    if clock:
        return (int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])) or None
    minutes = _DIGITS.match(told)
    return some(int(minutes[0][:6]) * 60) if minutes else None

"""The attributes of a line and the name behind them, in every way they are written.

Well-formed lines, nearly all of them, take one expression. The others are gone through attribute by
attribute: quotes may be missing, doubled or single, values bare, commas anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

LONGEST_BROKEN_LINE = 8 * 1024
"""Each attribute of such a line may be looked for through the rest of it."""
_MOST_ATTRIBUTES = 40

_WELL_FORMED = re.compile(r':\s?([-+]?[0-9]+(?:\.[0-9]*)?)((?:\s+[\w.-]+="[^"]*")*)\s*,(.*)', re.ASCII)
_PAIR = re.compile(r'(?<![\w.-])([\w.-]+)="([^"]*)"', re.ASCII)

_HEAD = re.compile(r"[: ]? ?([-+]?[0-9]*\.?[0-9]*)")
_SPACES = re.compile(r"\s+")
_KEY = re.compile(r"\s*([A-Za-z][\w.-]*)\s*=\s*", re.ASCII)
_KEY_BEHIND_COMMA = re.compile(r"""\s*,(?=\s*[A-Za-z][\w.-]*\s*=\s*["'])""", re.ASCII)
_CLOSED = {
    quote: re.compile(rf"{quote}(.*?){quote}(?=\s*(?:,|$|[A-Za-z][\w.-]*\s*=))", re.ASCII) for quote in "\"'"
}
_LAST = {quote: re.compile(rf"{quote}([^{quote}]*){quote}(?=\s[^{quote}]*$)") for quote in "\"'"}
"""In front of a name without a comma."""
_NEXT_KEY_INSIDE = re.compile(r"""\s[A-Za-z][\w.-]*=["']""", re.ASCII)
_BARE = re.compile(r"(.*?)(?=\s+[A-Za-z][\w.-]*\s*=|,|$)", re.ASCII)


class Line(NamedTuple):
    """`duration` as it is written, and `name` is "" where there is none. A `broken` line was mended."""

    duration: str
    attributes: Mapping[str, str]
    name: str
    broken: bool = False


def read_line(text: str) -> Line | None:
    """What follows `#EXTINF`. None for a line that can't be mended."""
    found = _WELL_FORMED.fullmatch(text)
    if found is not None:
        duration, pairs, name = found.groups()
        if '="' not in name:
            return Line(duration, {key.lower(): value for key, value in _PAIR.findall(pairs)}, name.strip())
    if len(text) > LONGEST_BROKEN_LINE:
        return None
    return _mended(text)


def read_attributes(text: str) -> Mapping[str, str]:
    """What follows `#EXTM3U`, which has no name."""
    return _scan(_SPACES.sub(" ", text[:LONGEST_BROKEN_LINE]), 0)[0]


def _mended(text: str) -> Line:
    text = _SPACES.sub(" ", text)
    head = _HEAD.match(text)
    duration, begin = ("", 0) if head is None else (head[1], head.end())
    attributes, end = _scan(text, begin)
    rest = text[end:].strip()
    if '="' in rest:
        # A value ended too early, at a quote of its own: the name is what follows the last one.
        attributes = {key.lower(): value for key, value in _PAIR.findall(rest)} | attributes
        rest = rest[max(rest.rfind('",') + 1, rest.rfind('="') + 2) :]
    return Line(duration, attributes, rest.removeprefix(",").strip(), broken=True)


def _scan(text: str, at: int) -> tuple[dict[str, str], int]:
    attributes: dict[str, str] = {}
    for _ in range(_MOST_ATTRIBUTES):
        if comma := _KEY_BEHIND_COMMA.match(text, at):
            at = comma.end()
        key = _KEY.match(text, at)
        if key is None:
            break
        value, at = _value(text, key.end())
        attributes.setdefault(key[1].lower(), value)
    return attributes, at


def _value(text: str, at: int) -> tuple[str, int]:
    quote = text[at : at + 1]
    closed = (_CLOSED[quote].match(text, at) or _LAST[quote].match(text, at)) if quote in _CLOSED else None
    if closed is not None:
        inside = _NEXT_KEY_INSIDE.search(text, closed.start(1), closed.end(1))
        if inside is None:
            return closed[1], closed.end()
        return closed[1][: inside.start() - closed.start(1)].strip(), inside.start()
    bare = _BARE.match(text, at)
    if bare is None:  # the end of the text is a match at the least
        return "", at
    return bare[1].strip().strip("\"'").strip(), bare.end()

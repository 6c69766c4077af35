"""An M3U: channels, films, episodes, and the series that those are of by their names.

Addresses hold credentials and change with them, so nothing is known by its address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from libs.common.contracts.handover_rows import RowKind
from libs.protocols.m3u.errors import Empty, ListBroken, Truncated
from libs.protocols.m3u.reading import Reader
from libs.protocols.m3u.rows import Entry
from libs.titles.folding import fold
from services.sync.reading.hashing import hash_of, id_of
from services.sync.reading.order import Wanted
from services.sync.reading.out import Out, Row
from services.sync.reading.rows import (
    LARGEST,
    LONGEST_ADDRESS,
    LONGEST_NAME,
    MOST_CATEGORIES,
    picture,
    plain,
    words_of,
)

LONGEST_URL: Final = 8000
LONGEST_CATEGORY: Final = 200
LONGEST_ASKED: Final = 4000
"""Of an address with how it is asked; catalog keeps none that is longer."""
BY_NAME: Final = "name:"
"""Begins the guide id of a channel that has none, by which the guide may call it nevertheless."""

_EXTENSION: Final = re.compile(r"\.([A-Za-z0-9]{2,5})(?=[?#]|$)")

_encode = msgspec.json.Encoder().encode


def read_playlist(pieces: Iterable[bytes], out: Out) -> None:
    """Ends with a Tally that is done, whatever is wrong with the list."""
    reader, taking = Reader(), _Taking(out)
    error: ListBroken | None = None
    try:
        for entries in _batches(reader, pieces):
            for entry in entries:
                taking.take(entry)
            out.tell()
    except ListBroken as found:
        error = found
    out.skipped.update(reader.tally.skipped)
    out.wanted(Wanted(guide_id, names) for guide_id, names in taking.wanted.items())
    out.end(
        error,
        reason="" if error is None else error.reason,
        may_pass=isinstance(error, Empty | Truncated),
        guides=tuple(guide for guide in reader.header.guides if len(guide) <= LONGEST_ADDRESS),
    )


def _batches(reader: Reader, pieces: Iterable[bytes]) -> Iterator[list[Entry]]:
    for piece in pieces:
        yield from reader.feed(piece)
    yield reader.finish()


class _Taking:
    def __init__(self, out: Out) -> None:
        self._out = out
        self._named: Counter[int] = Counter()
        self._series: set[int] = set()
        self.wanted: dict[str, tuple[str, ...]] = {}

    def take(self, entry: Entry) -> None:
        if len(entry.address) > LONGEST_URL:
            self._out.skipped["too_long"] += 1
        elif entry.kind == "episode" and entry.place is not None:
            self._episode(entry)
        elif entry.kind == "live":
            self._item("channels", entry)
        else:
            self._item("movies", entry)

    def _item(self, kind: RowKind, entry: Entry) -> None:
        guide_id = self._guide_id(entry) if kind == "channels" else ""
        found = hash_of(_encode(entry))
        panel_id = self._id(entry)
        if not self._out.kept[kind].meet(found ^ panel_id):
            row = _item_row(entry, panel_id, found ^ panel_id, guide_id)
            self._put(kind, row, entry.groups)

    def _episode(self, entry: Entry) -> None:
        place = entry.place
        if place is None:
            return
        series = id_of(_encode(("series", place.series.casefold())))
        if series not in self._series:
            self._series.add(series)
            found = hash_of(_encode((place.series, entry.groups, entry.logo)))
            if not self._out.kept["series"].meet(found):
                self._put("series", _series_row(entry, place.series, series, found), entry.groups)
        panel_id = self._id(entry)
        found = hash_of(_encode(entry)) ^ panel_id
        if not self._out.kept["episodes"].meet(found):
            row = (
                *(panel_id, found, series, place.season, place.episode, entry.name[:LONGEST_NAME], 0),
                *(_extension(entry.address), picture(entry.logo), _asked(entry)),
            )
            self._out.put("episodes", row, len(row[5]) + len(entry.address) + 300, before=("series",))

    def _put(self, kind: RowKind, row: Row, groups: tuple[str, ...]) -> None:
        named = _categories(groups)
        self._out.name_categories(kind, named)
        weight = sum(len(value) for value in row if isinstance(value, str))
        self._out.put(kind, row, weight + sum(map(len, named)))

    def _id(self, entry: Entry) -> int:
        """Of several that are called the same, the second is the second."""
        base = id_of(_encode((entry.kind, entry.tvg_id, entry.name, entry.groups)))
        self._named[base] += 1
        count = self._named[base]
        return base if count == 1 else id_of(_encode((base, count)))

    def _guide_id(self, entry: Entry) -> str:
        names = tuple(filter(None, dict.fromkeys((fold(entry.tvg_name), fold(entry.name)))))
        guide_id = entry.tvg_id[:LONGEST_NAME] or (BY_NAME + names[0] if names else "")
        if guide_id:
            self.wanted.setdefault(guide_id, names)
        return guide_id


def _item_row(entry: Entry, panel_id: int, found: int, guide_id: str) -> Row:
    name = entry.name[:LONGEST_NAME]
    told = plain(name)
    sort = fold(told.text)
    is_channel = entry.kind == "live"
    return (
        *(panel_id, found, name, told.text, sort, None if is_channel else told.year, None, 0),
        *(_categories(entry.groups), told.language, (), None, None, guide_id, picture(entry.logo)),
        *(_extension(entry.address), words_of(sort), _encode(_more(entry)).decode(), _asked(entry)),
    )


def _series_row(entry: Entry, written: str, panel_id: int, found: int) -> Row:
    name = written[:LONGEST_NAME]
    told = plain(name)
    sort = fold(told.text)
    return (
        *(panel_id, found, name, told.text, sort, told.year, None, 0, _categories(entry.groups)),
        *(told.language, (), None, None, "", picture(entry.logo), "", words_of(sort), "{}", ""),
    )


def _more(entry: Entry) -> dict[str, object]:
    more: dict[str, object] = {}
    if entry.number is not None:
        more["number"] = min(entry.number, LARGEST)
    if entry.radio:
        more["is_radio"] = True
    if entry.duration_s:
        more["duration_s"] = int(entry.duration_s)
    if entry.catchup is not None and entry.catchup.days:
        more["archive_days"] = min(entry.catchup.days, 365)
    return more


def _asked(entry: Entry) -> str:
    """The address and, in a second line, how it is asked: all of it may hold passwords, and is sealed."""
    told: dict[str, object] = {}
    if entry.headers:
        told["headers"] = dict(entry.headers)
    if entry.catchup is not None:
        told["catchup"] = entry.catchup
    asked = f"{entry.address}\n{_encode(told).decode()}" if told else entry.address
    return asked if len(asked) <= LONGEST_ASKED else entry.address


def _categories(groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(group[:LONGEST_CATEGORY] for group in groups[:MOST_CATEGORIES])


def _extension(address: str) -> str:
    found = _EXTENSION.search(address)
    return found[1].lower() if found else ""

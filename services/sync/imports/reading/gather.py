"""What a file says, gathered: each film, episode and title once, however often it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from libs.common.contracts.imports import Format, ImportCounts, ImportItem, Unread
from libs.common.contracts.viewing_handover import ListedRow, Part, PlaybackRow, WatchedRow
from libs.protocols.stremio_api.wire import text_of
from services.sync.imports.reading.said import (
    LINE_ROWS,
    LINE_SHOWS,
    LINE_TITLES,
    Report,
    Rows,
    ShowRow,
    StagedPart,
    StagedRow,
    Titles,
)

MOST_ROWS: Final = 100_000
MOST_REASONS: Final = 20
MOST_UNREAD: Final = 50
MOST_ENTRIES: Final = 1_000_000
FIRST: Final = 30
FIRST_OF_OTHERS: Final = 10
MAX_PLAYS: Final = 1_000_000
_LAST_MS: Final = 253_402_300_799_000
_TimedT = TypeVar("_TimedT", WatchedRow, ListedRow, PlaybackRow)
_ODD: Final = (ValueError, OverflowError, RecursionError)


class Unusable(Exception):
    """The whole file can't be taken. The text is for people."""


class TooMuch(Unusable):
    """Nor can any file that it is in."""


@dataclass(slots=True)
class _Seen:
    """A video. `times`: when it was played, as far as single plays are told."""

    row: WatchedRow
    times: set[int] = field(default_factory=set)

    def merged(self) -> WatchedRow:
        return msgspec.structs.replace(self.row, plays=min(MAX_PLAYS, max(self.row.plays, len(self.times))))


class Gathered:
    def __init__(self) -> None:
        self.formats: list[Format] = []
        self.ignored = 0
        self.entries = 0
        self._seen: dict[str, _Seen] = {}
        self._listed: dict[str, ListedRow] = {}
        self._paused: dict[str, PlaybackRow] = {}
        self._shows: dict[str, ShowRow] = {}
        self._unread: dict[str, int] = {}
        self._unread_first: list[Unread] = []

    @property
    def rows(self) -> int:
        return len(self._seen) + len(self._listed) + len(self._paused) + len(self._shows)

    def count(self) -> None:
        """One entry or line more. Raises TooMuch."""
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise TooMuch(f"It has more than {MOST_ENTRIES:,} entries. Bring it in parts.")

    def unread(self, where: str, reason: str) -> None:
        if reason not in self._unread and len(self._unread) >= MOST_REASONS:
            reason = "It is not understood."
        self._unread[reason] = self._unread.get(reason, 0) + 1
        if len(self._unread_first) < MOST_UNREAD:
            self._unread_first.append(Unread(text_of(where, 120), reason))

    def add(self, row: StagedRow, *, is_play: bool = False) -> None:
        """`is_play`: it tells of one play, not of all. Raises ValueError for what viewing state would not
        take, TooMuch where there is too much."""
        row = _checked(row)
        match row:
            case WatchedRow():
                self._see(row, is_play=is_play)
            case ListedRow():
                former = self._listed.get(row.title_id)
                self._listed[row.title_id] = row if former is None or row.at > former.at else former
            case PlaybackRow():
                paused = self._paused.get(row.video_id)
                self._paused[row.video_id] = row if paused is None or row.at > paused.at else paused
            case ShowRow():
                self._shows[row.id] = row
        if self.rows > MOST_ROWS:
            raise TooMuch(
                f"It says something of more than {MOST_ROWS:,} films and episodes, which is more than is kept"
                " of a profile. Bring it in parts."
            )

    def _see(self, row: WatchedRow, *, is_play: bool) -> None:
        seen = self._seen.get(row.video_id)
        if seen is None:
            seen = self._seen[row.video_id] = _Seen(row)
        else:
            seen.row = msgspec.structs.replace(
                seen.row,
                at=max(seen.row.at, row.at),
                plays=max(seen.row.plays, row.plays),
                name=seen.row.name or row.name,
                aired=max(seen.row.aired, row.aired),
            )
        if is_play:
            seen.times.add(row.at)

    def lines(self) -> Iterator[Rows | Titles]:
        yield from _lines("watched", [seen.merged() for seen in self._seen.values()], LINE_ROWS)
        yield from _lines("watchlist", list(self._listed.values()), LINE_ROWS)
        yield from _lines("playback", list(self._paused.values()), LINE_ROWS)
        yield from _lines("shows", list(self._shows.values()), LINE_SHOWS)
        titles = sorted(self._titles())
        for start in range(0, len(titles), LINE_TITLES):
            yield Titles(tuple(titles[start : start + LINE_TITLES]))

    def report(self) -> Report:
        films = sum(row.video_id == row.title_id for row in (seen.row for seen in self._seen.values()))
        return Report(
            format=self.formats[0] if self.formats else "csv",
            counts=ImportCounts(
                films=films,
                episodes=len(self._seen) - films,
                watchlist=len(self._listed),
                playback=len(self._paused),
                shows=len(self._shows),
            ),
            titles=len(self._titles()),
            first=tuple(self._first()),
            unread=self._unread,
            unread_first=tuple(self._unread_first),
            ignored=self.ignored,
        )

    def _titles(self) -> set[str]:
        seen = {one.row.title_id for one in self._seen.values()} | self._listed.keys()
        return seen | {row.title_id for row in self._paused.values()} | self._shows.keys()

    def _first(self) -> Iterator[ImportItem]:
        """The newest of each part: what somebody recognises."""
        for row in _newest((seen.row for seen in self._seen.values()), FIRST):
            yield _video("watched", row)
        for paused in _newest(self._paused.values(), FIRST_OF_OTHERS):
            yield _video("playback", paused)
        for listed in _newest(self._listed.values(), FIRST_OF_OTHERS):
            yield ImportItem(
                part="watchlist",
                title_id=listed.title_id,
                type=listed.type,
                name=text_of(listed.name),
                at=_moment(listed.at),
            )
        for show in list(self._shows.values())[:FIRST_OF_OTHERS]:
            name, at = text_of(show.name), _moment(show.last_watched_ms)
            yield ImportItem(part="watched", title_id=show.id, type="series", name=name, at=at)


def _checked(row: StagedRow) -> StagedRow:
    """As it will be read again: structs do not look at what they are made of."""
    try:
        return msgspec.json.decode(msgspec.json.encode(row), type=type(row))
    except _ODD as error:
        raise ValueError(str(error)) from None


def _lines(part: StagedPart, rows: Sequence[StagedRow], most: int) -> Iterator[Rows]:
    for start in range(0, len(rows), most):
        yield Rows(part, msgspec.Raw(msgspec.json.encode(rows[start : start + most])))


def _newest(rows: Iterable[_TimedT], most: int) -> list[_TimedT]:
    return sorted(rows, key=lambda row: row.at, reverse=True)[:most]


def _video(part: Part, row: WatchedRow | PlaybackRow) -> ImportItem:
    return ImportItem(
        part=part,
        title_id=row.title_id,
        type=row.type,
        name=text_of(row.name),
        season=row.season,
        episode=row.episode,
        at=_moment(row.at),
    )


def _moment(at_ms: int) -> datetime | None:
    return datetime.fromtimestamp(min(at_ms, _LAST_MS) / 1000, UTC) if at_ms else None

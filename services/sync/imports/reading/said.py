"""What the process that reads a file says of it: lines of rows, and at last a report."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from libs.common.contracts.imports import Format, ImportCounts, ImportItem, Unread
from libs.common.contracts.viewing import Id, Text
from libs.common.contracts.viewing_handover import ListedRow, Moment, PlaybackRow, WatchedRow

LINE_ROWS: Final = 200
LINE_TITLES: Final = 500
LINE_SHOWS: Final = 10
"""Episodes of so many are looked up between two notes of how far that is."""
LONGEST_LINE: Final = 8 * 1024 * 1024

StagedPart: TypeAlias = Literal["watched", "watchlist", "playback", "shows"]


class ShowRow(msgspec.Struct, frozen=True, kw_only=True):
    """A series of a Stremio library: `watched` is a field of its episodes, in the order of a list that only
    whoever knows the series has."""

    id: Id
    name: Text = ""
    poster: Text = ""
    video_id: Annotated[str, msgspec.Meta(max_length=500)] = ""
    watched: Annotated[str, msgspec.Meta(max_length=300_000)]
    last_watched_ms: Moment = 0


StagedRow: TypeAlias = WatchedRow | ListedRow | PlaybackRow | ShowRow


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """`rows` is an array of what the part holds."""

    part: StagedPart
    rows: msgspec.Raw


class Titles(msgspec.Struct, frozen=True, tag="titles"):
    """Some of the titles that the file speaks of, each once."""

    ids: tuple[str, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True, tag="report"):
    """The last line. `problem`: why the file is of no use, then nothing else counts."""

    problem: str = ""
    format: Format = "csv"
    counts: ImportCounts = ImportCounts()
    titles: int = 0
    first: tuple[ImportItem, ...] = ()
    unread: dict[str, int] = {}
    unread_first: tuple[Unread, ...] = ()
    ignored: int = 0


Line: TypeAlias = Rows | Titles | Report

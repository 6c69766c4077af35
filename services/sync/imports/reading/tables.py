"""Tables of CSV: any with a column of ids, such as those of IMDb.

A column is known by its name, whatever its letters, blanks and signs; those that aren't known are left aside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from libs.common.contracts.imports import Format
from libs.common.contracts.viewing_handover import ListedRow, WatchedRow
from libs.protocols.times import moment_ms
from services.sync.imports.reading.entries import NO_ID, NOT_WHICH, UNKNOWN
from services.sync.imports.reading.gather import MAX_PLAYS, Gathered, Unusable

MOST_COLUMNS: Final = 200
LONGEST_LINE: Final = 256 * 1024
MAX_NAME_CHARS: Final = 500
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "show_imdb": ("showimdbid", "showimdb", "seriesimdbid", "parentimdbid"),
    "show_tmdb": ("showtmdbid", "showtmdb", "seriestmdbid", "parenttmdbid"),
    "imdb": ("imdbid", "imdb", "const", "tconst"),
    "tmdb": ("tmdbid", "tmdb"),
    "type": ("titletype", "type", "mediatype", "kind"),
    "name": ("showtitle", "seriestitle", "title", "name"),
    "season": ("season", "seasonnumber"),
    "episode": ("episode", "episodenumber"),
    "watched": ("watchedat", "watcheddate", "datewatched", "lastwatchedat", "watched"),
    "listed": ("listedat", "watchlistedat"),
    "plays": ("plays", "playcount"),
    "created": ("created",),
    "rated": ("daterated",),
}
_FILMS: Final = frozenset(
    {
        "",
        "movie",
        "movies",
        "film",
        "feature",
        "short",
        "video",
        "tvmovie",
        "tvspecial",
        "tvshort",
        "documentary",
    }
)
_SERIES: Final = frozenset({"show", "shows", "series", "tv", "tvshow", "tvseries", "tvminiseries", "anime"})
_EPISODES: Final = frozenset({"episode", "episodes", "tvepisode"})
_IMDB: Final = re.compile(r"tt[0-9]{5,12}")
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_TMDB: Final = re.compile(r"[1-9][0-9]{0,11}")
_EPOCH: Final = re.compile(r"[0-9]{9,13}")
NOT_SHOWS_ID: Final = "It is an episode without the id of its series, its season and its number."
NO_DATE: Final = "When that was can't be read: write 2024-05-17, or 2024-05-17T20:15:00Z."


@dataclass(frozen=True, slots=True)
class _Cells:
    of: Mapping[str, int]
    row: Sequence[str]

    def get(self, name: str) -> str:
        place = self.of.get(name, -1)
        return self.row[place].strip() if 0 <= place < len(self.row) else ""


def read_table(data: bytes, where: str, gathered: Gathered) -> None:
    """Raises Unusable."""
    lines = _bounded(io.StringIO(_text(data), newline=""))
    header = next(lines, "")
    delimiter = max(",;\t", key=header.count)
    if header.count(delimiter) >= MOST_COLUMNS:
        raise Unusable(f"It has more than {MOST_COLUMNS} columns.")
    places, format_ = _columns(next(csv.reader([header], delimiter=delimiter), []))
    if format_ not in gathered.formats:
        gathered.formats.append(format_)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            gathered.count()
            if any(cell.strip() for cell in row):
                _take(_Cells(places, row), _spot(where, reader.line_num + 1), gathered, format_)
    except csv.Error:
        spot = _spot(where, reader.line_num + 1)
        raise Unusable(f"It can't be read at {spot}: is a quotation mark there not closed?") from None


def _spot(where: str, line: int) -> str:
    return f"{where}, line {line:,}" if where else f"line {line:,}"


def _text(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace").replace("\x00", "")
    if b"\x00" in data:
        raise Unusable("It is neither a zip file nor a text: export it once more, as zip, JSON or CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeError:
        # Old spreadsheets write so; where it is wrong, names look odd, and ids are right.
        return data.decode("cp1252", errors="replace")


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise Unusable("It has a line that is too long for a table.")
        yield line


def _columns(header: Sequence[str]) -> tuple[Mapping[str, int], Format]:
    """Where what stands, and whose table it is."""
    names = ["".join(letter for letter in cell.lower() if letter.isalnum()) for cell in header]
    places = {
        name: min((names.index(alias) for alias in aliases if alias in names), default=-1)
        for name, aliases in _COLUMNS.items()
    }
    places = {name: place for name, place in places.items() if place >= 0}
    if "const" in names and "titletype" in names:
        return places, "imdb"
    if "letterboxduri" in names:
        return places, "letterboxd"
    if not places.keys() & {"imdb", "tmdb", "show_imdb", "show_tmdb"}:
        raise Unusable(
            "It is not a file that is known here: neither an export of Trakt or Stremio, nor a table whose"
            " first line names a column imdb_id or tmdb_id."
        )
    return places, "csv"


def _take(cells: _Cells, where: str, gathered: Gathered, format_: Format) -> None:
    is_listed, at_text = _which(cells, format_)
    at = _at(at_text)
    problem = "" if at is not None else NO_DATE
    row: WatchedRow | ListedRow | None = None
    if not problem and at is not None:
        row, problem = _listed(cells, at) if is_listed else _watched(cells, at)
    try:
        if row is not None:
            gathered.add(row, is_play=True)
            return
    except ValueError:
        problem = UNKNOWN
    gathered.unread(where, problem)


def _which(cells: _Cells, format_: Format) -> tuple[bool, str]:
    """Whether the line is of a watchlist, and since when; else when it was watched. IMDb's lists say when
    something was put there; its ratings say when it was rated, which somebody does who has seen it."""
    if format_ == "imdb":
        return ("created" in cells.of, cells.get("created") or cells.get("rated"))
    listed, watched = cells.get("listed"), cells.get("watched")
    return (bool(listed) and not watched, watched or listed)


def _at(text: str) -> int | None:
    if not text or text.lower() in {"unknown", "released", "true", "yes"}:
        return 0
    if _EPOCH.fullmatch(text):
        return int(text) * (1 if len(text) > 11 else 1000)
    moment = moment_ms(text.replace("/", "-") if text[:4].isdigit() else text)
    return None if moment is None else max(0, moment)


def _listed(cells: _Cells, at: int) -> tuple[ListedRow | None, str]:
    kind = _kind(cells)
    id_ = _id(cells, "imdb", "tmdb")
    if kind in _EPISODES or kind not in _FILMS | _SERIES:
        return None, "It is neither a film nor a series."
    if id_ is None:
        return None, NO_ID
    type_ = "series" if kind in _SERIES else "movie"
    return ListedRow(title_id=id_, type=type_, name=_name(cells), at=at), ""


def _watched(cells: _Cells, at: int) -> tuple[WatchedRow | None, str]:
    kind = _kind(cells)
    season, episode = _number(cells.get("season")), _number(cells.get("episode"))
    plays = min(MAX_PLAYS, max(1, _number(cells.get("plays")) or 1))
    if kind not in _FILMS | _SERIES | _EPISODES:
        return None, "It is neither a film nor a series."
    if kind in _SERIES | _EPISODES or (not kind and season is not None):
        if season is None or episode is None:
            return None, NOT_SHOWS_ID if kind in _EPISODES else NOT_WHICH
        return _watched_episode(cells, (season, episode), at, plays)
    id_ = _id(cells, "imdb", "tmdb")
    if id_ is None:
        return None, NO_ID
    name = _name(cells)
    return WatchedRow(video_id=id_, title_id=id_, type="movie", name=name, plays=plays, at=at), ""


def _watched_episode(
    cells: _Cells, place: tuple[int, int], at: int, plays: int
) -> tuple[WatchedRow | None, str]:
    id_ = _id(cells, "show_imdb", "show_tmdb")
    if id_ is None and not cells.of.keys() & {"show_imdb", "show_tmdb"}:
        # Tables that know but one id mean the series by it.
        id_ = _id(cells, "imdb", "tmdb")
    if id_ is None:
        return None, NO_ID
    row = WatchedRow(
        video_id=f"{id_}:{place[0]}:{place[1]}",
        title_id=id_,
        type="series",
        season=place[0],
        episode=place[1],
        name=_name(cells),
        plays=plays,
        at=at,
    )
    return row, ""


def _kind(cells: _Cells) -> str:
    return "".join(letter for letter in cells.get("type").lower() if letter.isalnum())


def _id(cells: _Cells, imdb: str, tmdb: str) -> str | None:
    text = cells.get(imdb).lower()
    if _IMDB.fullmatch(text):
        return text
    text = cells.get(tmdb).removeprefix("tmdb:")
    return f"tmdb:{text}" if _TMDB.fullmatch(text) else None


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _name(cells: _Cells) -> str:
    return cells.get("name")[:MAX_NAME_CHARS]

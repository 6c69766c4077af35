"""Fribb's list of anime (anime-list-full.json): where the anime of four sites are at IMDb.

One show at IMDb is many anime elsewhere, one for each season or part of one: an entry says which season, and
how many of its episodes come before. Until 2024 an entry's `imdb_id` was a text, since then it is a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from libs.protocols.anime.errors import NoEntries, NotJson, ShapeChanged
from libs.protocols.imdb.ids import title_number
from libs.protocols.stremio.reading import is_html, text, whole

System: TypeAlias = Literal["kitsu", "mal", "anilist", "anidb"]
SYSTEMS: Final[tuple[System, ...]] = get_args(System)

MAX_ID: Final = 999_999_999
MAX_EPISODES: Final = 99_999


class AnimeId(NamedTuple):
    """An anime's number in one system, and its place at IMDb.

    `season` is None where its episodes can't be placed: then only the whole title is known.
    """

    id: int
    system: System
    imdb: int
    season: int | None
    episodes_before: int


@dataclass(frozen=True, slots=True)
class AnimeList:
    """`ids` in the list's order, each id of a system once; `linked` entries of `entries` made them."""

    entries: int
    linked: int
    ids: tuple[AnimeId, ...]


class _Entry(msgspec.Struct, frozen=True):
    """Members as they come: of any type, checked one by one."""

    type: object = None
    imdb_id: object = None
    kitsu_id: object = None
    mal_id: object = None
    anilist_id: object = None
    anidb_id: object = None
    season: object = None
    episode_offset: object = None


_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ENTRY: Final = msgspec.json.Decoder(_Entry)


def read_list(body: bytes) -> AnimeList:
    """Every anime that has one title at IMDb. An entry that can't be read is left out. Raises ListBroken."""
    try:
        raws = _LIST.decode(body)
    except msgspec.ValidationError as error:
        raise ShapeChanged("Its shape has changed: it is no list.") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        what = "a web page instead of JSON" if is_html(body) else "no whole JSON: cut short or damaged"
        raise NotJson(f"It is {what}.") from error
    if not raws:
        raise NoEntries("It is empty.")
    linked = [(entry, imdb) for entry in _readable(raws) if (imdb := _imdb(entry)) is not None]
    shared = Counter(imdb for _, imdb in linked)
    found: dict[tuple[System, int], AnimeId] = {}
    for entry, imdb in linked:
        season, before = _place(entry, is_only=shared[imdb] == 1)
        for system in SYSTEMS:
            id_ = whole(getattr(entry, f"{system}_id"))
            if id_ is not None and 0 < id_ <= MAX_ID:
                found.setdefault((system, id_), AnimeId(id_, system, imdb, season, before))
    if not found:
        raise ShapeChanged(
            f"Its shape has changed: not one of {len(raws):,} entries names an anime and its title at IMDb."
        )
    return AnimeList(len(raws), len(linked), tuple(found.values()))


def _readable(raws: list[msgspec.Raw]) -> Iterator[_Entry]:
    for raw in raws:
        try:
            yield _ENTRY.decode(raw)
        except (msgspec.DecodeError, UnicodeError):
            continue


def _imdb(entry: _Entry) -> int | None:
    """The one title that it is. Of several each is a part of it, and nothing says which."""
    written = entry.imdb_id if isinstance(entry.imdb_id, list) else [entry.imdb_id]
    ids = {part.strip() for each in written for part in (text(each) or "").split(",")}
    numbers = {number for id_ in ids if (number := title_number(id_))}
    return numbers.pop() if len(numbers) == 1 else None


def _place(entry: _Entry, *, is_only: bool) -> tuple[int | None, int]:
    """Season and episodes before it. IMDb counts as TVDB does more often than as TMDB."""
    if text(entry.type) == "MOVIE":
        return None, 0
    seasons = entry.season if isinstance(entry.season, dict) else {}
    offsets = entry.episode_offset if isinstance(entry.episode_offset, dict) else {}
    for system in ("tvdb", "tmdb"):
        season = whole(seasons.get(system))
        if season is not None and season <= MAX_EPISODES:
            before = 0 if offsets.get(system) is None else whole(offsets[system])
            return (None, 0) if before is None or before > MAX_EPISODES else (season, before)
    # The only anime of a title is all of it, and what has one season says none.
    return (1, 0) if is_only and not seasons else (None, 0)

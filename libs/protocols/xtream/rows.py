"""What the entries of a panel's lists mean.

A title's name is no key and a name may be empty: only an entry without a number is no row. Numbers are
unique for one kind on one panel alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from msgspec import Struct

from libs.protocols.xtream.pieces import MAX_ITEM_BYTES, Pieces
from libs.protocols.xtream.tally import Tally
from libs.protocols.xtream.values import (
    category_ids,
    flag,
    imdb_id,
    links,
    rating,
    seconds,
    some,
    text,
    tmdb_id,
    whole,
    year,
)

NO_ID = "no_id"


class Category(Struct, frozen=True, kw_only=True, gc=False):
    """Its id is text, as entries name it; the panel's order is that of the list."""

    id: str
    name: str
    parent_id: int | None = None


class Channel(Struct, frozen=True, kw_only=True, gc=False):
    """`number` is its place on the panel, `guide_id` its name in the guide, `added` seconds since 1970."""

    id: int
    name: str
    number: int | None = None
    icon: str = ""
    guide_id: str = ""
    added: int | None = None
    category_ids: tuple[str, ...] = ()
    is_radio: bool = False
    is_adult: bool = False
    has_archive: bool = False
    archive_days: int = 0


class Movie(Struct, frozen=True, gc=False):
    """`rating` is of 10. What lean panels tell in the details alone is empty."""

    id: int
    name: str
    title: str = ""
    icon: str = ""
    added: int | None = None
    category_ids: tuple[str, ...] = ()
    extension: str = ""
    rating: float | None = None
    year: int | None = None
    plot: str = ""
    cast: str = ""
    director: str = ""
    genre: str = ""
    trailer: str = ""
    duration_s: int | None = None
    tmdb_id: int | None = None
    imdb_id: str | None = None
    is_adult: bool = False


class Series(Struct, frozen=True, gc=False):
    """`modified` is when an episode came or went, in seconds since the epoch."""

    id: int
    name: str
    title: str = ""
    cover: str = ""
    backdrops: tuple[str, ...] = ()
    modified: int | None = None
    category_ids: tuple[str, ...] = ()
    rating: float | None = None
    year: int | None = None
    plot: str = ""
    cast: str = ""
    director: str = ""
    genre: str = ""
    trailer: str = ""
    duration_s: int | None = None
    tmdb_id: int | None = None
    imdb_id: str | None = None
    is_adult: bool = False


class _WireCategory(Struct, gc=False):
    category_id: object = None
    category_name: object = None
    parent_id: object = None


class _WireChannel(Struct, gc=False):
    num: object = None
    name: object = None
    stream_type: object = None
    stream_id: object = None
    stream_icon: object = None
    epg_channel_id: object = None
    added: object = None
    category_id: object = None
    category_ids: object = None
    is_adult: object = None
    tv_archive: object = None
    tv_archive_duration: object = None


class _WireTitle(Struct, gc=False):
    """What films and series share."""

    name: object = None
    title: object = None
    category_id: object = None
    category_ids: object = None
    rating: object = None
    rating_5based: object = None
    year: object = None
    release_date: object = None
    releaseDate: object = None
    releasedate: object = None
    plot: object = None
    cast: object = None
    director: object = None
    genre: object = None
    youtube_trailer: object = None
    trailer: object = None
    episode_run_time: object = None
    tmdb_id: object = None
    tmdb: object = None
    imdb_id: object = None
    is_adult: object = None


class _WireMovie(_WireTitle, gc=False):
    stream_id: object = None
    stream_icon: object = None
    added: object = None
    container_extension: object = None


class _WireSeries(_WireTitle, gc=False):
    series_id: object = None
    cover: object = None
    backdrop_path: object = None
    last_modified: object = None


def _category(wire: _WireCategory) -> Category | None:
    found = text(wire.category_id)
    if not found:
        return None
    return Category(id=found, name=text(wire.category_name), parent_id=some(wire.parent_id))


def _channel(wire: _WireChannel) -> Channel | None:
    found = some(wire.stream_id)
    if found is None:
        return None
    return Channel(
        id=found,
        name=text(wire.name),
        number=whole(wire.num),
        icon=text(wire.stream_icon),
        guide_id=text(wire.epg_channel_id),
        added=some(wire.added),
        category_ids=category_ids(wire.category_id, wire.category_ids),
        is_radio=wire.stream_type == "radio_streams",
        is_adult=flag(wire.is_adult),
        has_archive=flag(wire.tv_archive),
        archive_days=whole(wire.tv_archive_duration) or 0,
    )


def _movie(wire: _WireMovie) -> Movie | None:
    found = some(wire.stream_id)
    if found is None:
        return None
    # Most panels leave most of it out, and a list has a hundred thousand entries.
    released = wire.release_date or wire.releaseDate or wire.releasedate
    # Of more than fifteen keywords a call makes a dict, which takes four times as long.
    return Movie(
        found,
        text(wire.name),
        text(wire.title) if wire.title else "",
        text(wire.stream_icon),
        some(wire.added),
        category_ids(wire.category_id, wire.category_ids),
        text(wire.container_extension),
        rating=rating(wire.rating, wire.rating_5based),
        year=year(wire.year, released) if wire.year or released else None,
        plot=text(wire.plot) if wire.plot else "",
        cast=text(wire.cast) if wire.cast else "",
        director=text(wire.director) if wire.director else "",
        genre=text(wire.genre) if wire.genre else "",
        trailer=text(wire.youtube_trailer or wire.trailer) if wire.youtube_trailer or wire.trailer else "",
        duration_s=seconds(wire.episode_run_time) if wire.episode_run_time else None,
        tmdb_id=tmdb_id(wire.tmdb_id, wire.tmdb) if wire.tmdb_id or wire.tmdb else None,
        imdb_id=imdb_id(wire.imdb_id) if wire.imdb_id else None,
        is_adult=flag(wire.is_adult),
    )


def _series(wire: _WireSeries) -> Series | None:
    found = some(wire.series_id)
    if found is None:
        return None
    released = wire.release_date or wire.releaseDate or wire.releasedate
    return Series(
        found,
        text(wire.name),
        text(wire.title) if wire.title else "",
        text(wire.cover),
        links(wire.backdrop_path),
        some(wire.last_modified),
        category_ids(wire.category_id, wire.category_ids),
        rating=rating(wire.rating, wire.rating_5based),
        year=year(wire.year, released) if wire.year or released else None,
        plot=text(wire.plot) if wire.plot else "",
        cast=text(wire.cast) if wire.cast else "",
        director=text(wire.director) if wire.director else "",
        genre=text(wire.genre) if wire.genre else "",
        trailer=text(wire.youtube_trailer or wire.trailer) if wire.youtube_trailer or wire.trailer else "",
        duration_s=seconds(wire.episode_run_time) if wire.episode_run_time else None,
        tmdb_id=tmdb_id(wire.tmdb_id, wire.tmdb) if wire.tmdb_id or wire.tmdb else None,
        imdb_id=imdb_id(wire.imdb_id) if wire.imdb_id else None,
        is_adult=flag(wire.is_adult),
    )


W = TypeVar("W")
R = TypeVar("R")


class Reader(Generic[W, R]):
    """Reads one list as it arrives. Raises what Pieces raises; an entry that is no row is counted."""

    def __init__(
        self, wire: type[W], row: Callable[[W], R | None], *, max_item_bytes: int = MAX_ITEM_BYTES
    ) -> None:
        self._pieces = Pieces(wire, max_item_bytes=max_item_bytes)
        self._row = row
        self._seen = 0
        self._kept = 0

    def feed(self, piece: bytes) -> Iterator[list[R]]:
        return self._rows(self._pieces.feed(piece))

    def finish(self) -> Iterator[list[R]]:
        return self._rows(self._pieces.finish())

    def cut(self, entries: list[bytes]) -> list[R | None]:
        """The row of each entry that was cut out already, None for what is no row."""
        wires = self._pieces.together(entries)
        if wires is None:
            rows = [self._alone(entry) for entry in entries]
        else:
            self._seen += len(wires)
            rows = list(map(self._row, wires))
        self._kept += len(rows) - sum(row is None for row in rows)
        return rows

    def _alone(self, entry: bytes) -> R | None:
        wires = self._pieces.alone(entry)
        self._seen += len(wires)
        return self._row(wires[0]) if wires else None

    @property
    def tally(self) -> Tally:
        skipped = Counter(self._pieces.skipped)
        seen = self._seen + skipped.total()
        if self._seen > self._kept:
            skipped[NO_ID] = self._seen - self._kept
        return Tally(seen=seen, kept=self._kept, skipped=dict(skipped))

    def _rows(self, batches: Iterator[list[W]]) -> Iterator[list[R]]:
        for batch in batches:
            rows = [row for row in map(self._row, batch) if row is not None]
            self._seen += len(batch)
            self._kept += len(rows)
            if rows:
                yield rows


def category_reader() -> Reader[_WireCategory, Category]:
    return Reader(_WireCategory, _category)


def channel_reader() -> Reader[_WireChannel, Channel]:
    return Reader(_WireChannel, _channel)


def movie_reader() -> Reader[_WireMovie, Movie]:
    return Reader(_WireMovie, _movie)


def series_reader() -> Reader[_WireSeries, Series]:
    return Reader(_WireSeries, _series)

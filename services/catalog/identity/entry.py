"""A catalog item as far as it tells which title it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec

from libs.protocols.stremio.reading import text, texts, whole
from services.catalog.identity.ids import System, public_ids
from services.catalog.identity.names import FIRST_YEAR, LAST_YEAR, MAX_FORMS, Name, names_of

Key = tuple[str, str]
"""Kind and id: what players call an item by, so that two with one key are one item to them."""

KINDS_WITH_NAMES: Final = frozenset({"movie", "series"})
"""Of any other kind (channels, programmes, what addons invent) two may have one name: only ids count."""

OTHER_NAME_LOSS: Final = 0.01

_YEAR: Final = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_HOURS: Final = re.compile(
    r"(?:PT)?(?:(\d{1,2})\s*h(?:ours?|rs?)?)?\s*(?:(\d{1,3})\s*(?:m|min|mins|minutes)?)?\.?", re.I
)


class _Meta(msgspec.Struct, frozen=True):
    """Members as addons write them: of any type, checked one by one."""

    id: str
    type: str
    name: object = None
    originalName: object = None
    originalTitle: object = None
    aliases: object = None
    releaseInfo: object = None
    year: object = None
    released: object = None
    genres: object = None
    genre: object = None
    runtime: object = None
    cast: object = None
    director: object = None
    links: object = None
    behaviorHints: object = None
    imdb_id: object = None
    imdbId: object = None
    tmdb_id: object = None
    tmdbId: object = None
    moviedb_id: object = None
    tvdb_id: object = None
    tvdbId: object = None
    kitsu_id: object = None
    mal_id: object = None
    anilist_id: object = None
    anidb_id: object = None


_ID_FIELDS: Final = tuple(name for name in _Meta.__struct_fields__ if name.lower().endswith(("_id", "bid")))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`names` in all their forms; of an item without a name, or of a kind where names say nothing, none."""

    key: Key
    ids: Mapping[System, str]
    written: str
    names: tuple[Name, ...]
    year: int | None
    genres: frozenset[str]
    people: frozenset[str]
    runtime_min: int | None


def read_entry(raw: bytes) -> Entry:
    """The entry of a meta or its preview, which has been read before: its id and type are texts."""
    return _entry(_DECODER.decode(raw))


_DECODER: Final = msgspec.json.Decoder(_Meta)


def _entry(meta: _Meta) -> Entry:
    kind = meta.type.casefold()
    year = _year(meta)
    name = text(meta.name) or ""
    return Entry(
        key=(kind, meta.id),
        ids=public_ids(
            meta.id,
            kind,
            fields=((field, getattr(meta, field)) for field in _ID_FIELDS),
            hints=meta.behaviorHints,
            links=meta.links,
        ),
        written=name,
        names=tuple(islice(_names(name, meta, year), MAX_FORMS)) if kind in KINDS_WITH_NAMES else (),
        year=year,
        genres=frozenset(genre.casefold() for genre in texts(meta.genres) or texts(meta.genre)),
        people=frozenset(person.casefold() for person in (*texts(meta.cast), *texts(meta.director))),
        runtime_min=_runtime_min(meta.runtime),
    )


def _names(name: str, meta: _Meta, year: int | None) -> Iterator[Name]:
    known = set()
    for form in names_of(name, year=year):
        known.add(form.key)
        yield form
    others: Iterable[str] = filter(None, (text(meta.originalName), text(meta.originalTitle)))
    for other in (*others, *texts(meta.aliases)[:8]):
        for form in names_of(other, year=year, loss=OTHER_NAME_LOSS):
            if form.key not in known:
                known.add(form.key)
                yield form


def _year(meta: _Meta) -> int | None:
    """The first year of "1999", 1999, "1999–2003" or a date."""
    for written in (meta.releaseInfo, meta.year, meta.released):
        found = _YEAR.search(text(written) or "")
        if found is not None and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            return int(found[1])
    return None


def _runtime_min(written: object) -> int | None:
    """Minutes of "136 min", "2h 16m", "2 h 16 min" or 136; None for nothing or nonsense."""
    number = whole(written)
    if number is None and isinstance(written, str) and (found := _HOURS.match(written.strip())):
        number = 60 * int(found[1] or 0) + int(found[2] or 0)
    return number if number and number < 24 * 60 else None

"""The demo: an addon of public-domain films, answered from data in the package.

Pure: a question in, the bytes of an answer out, in Stremio's own shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Final

import msgspec

from libs.protocols.stremio.manifest import Catalog, ExtraProperty, Manifest, Resource, render_manifest
from libs.protocols.stremio.paths import ResourcePath

TRANSPORT_URL: Final = "headgate:demo"
"""The demo's address: added and removed like any addon's, and never asked over the network."""

CACHE_MAX_AGE_S: Final = 86_400

_PAGE: Final = 100
_ARCHIVE: Final = "https://archive.org"

JsonObject = dict[str, object]


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """A film in the public domain of the United States; `archive` names its item at the Internet Archive."""

    imdb: str
    title: str
    year: int
    archive: str
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    description: str
    runtime_min: int | None = None

    @property
    def page_url(self) -> str:
        return f"{_ARCHIVE}/details/{self.archive}"

    @property
    def picture_url(self) -> str:
        return f"{_ARCHIVE}/services/img/{self.archive}"

    @property
    def words(self) -> str:
        """What a search looks through."""
        return " ".join((self.title, *self.directors, str(self.year))).casefold()


@dataclass(frozen=True)
class DemoAddon:
    """Answers what a Stremio addon answers. Two rows: all films, and one genre at a time."""

    films: tuple[Film, ...]

    @classmethod
    def load(cls) -> DemoAddon:
        """The films that come with the package."""
        data = resources.files("services.catalog").joinpath("demo.json").read_bytes()
        return cls(msgspec.json.decode(data, type=tuple[Film, ...]))

    @cached_property
    def manifest(self) -> Manifest:
        types, prefixes = ("movie",), ("tt",)
        genres = tuple(sorted({genre for film in self.films for genre in film.genres}))
        skip = ExtraProperty("skip")
        return Manifest(
            id="headgate.demo",
            name="Public domain films",
            version="1.0.0",
            description="Films that belong to everybody, played from the Internet Archive.",
            types=types,
            id_prefixes=prefixes,
            resources=tuple(Resource(name, types, prefixes) for name in ("catalog", "meta", "stream")),
            catalogs=(
                Catalog(
                    "movie",
                    "films",
                    "Public domain films",
                    (ExtraProperty("genre", options=genres), ExtraProperty("search"), skip),
                ),
                Catalog(
                    "movie",
                    "genres",
                    "Public domain by genre",
                    (ExtraProperty("genre", required=True, options=genres), skip),
                ),
            ),
        )

    def manifest_bytes(self) -> bytes:
        return render_manifest(self.manifest)

    def answer(self, path: ResourcePath) -> bytes | None:
        """The body of the answer, or None where an addon would answer 404."""
        content = self._content(path)
        if content is None:
            return None
        return msgspec.json.encode(content | {"cacheMaxAge": CACHE_MAX_AGE_S})

    def _content(self, path: ResourcePath) -> JsonObject | None:
        if path.resource == "catalog":
            catalog = self.manifest.catalog(path.type, path.id)
            if catalog is None or not catalog.allows(path.extra):
                return None
            return {"metas": [_preview(film) for film in self._select(dict(path.extra))]}
        film = self._by_id.get(path.id) if path.type == "movie" else None
        if film is not None and path.resource == "meta":
            return {"meta": _meta(film)}
        if path.resource == "stream":
            return {"streams": [_stream(film)] if film is not None else []}
        return None

    @cached_property
    def _by_id(self) -> dict[str, Film]:
        return {film.imdb: film for film in self.films}

    def _select(self, extra: dict[str, str]) -> Sequence[Film]:
        films: Sequence[Film] = self.films
        if genre := extra.get("genre"):
            films = [film for film in films if genre in film.genres]
        if search := extra.get("search"):
            wanted = search.casefold().split()
            films = [film for film in films if all(word in film.words for word in wanted)]
        skip = extra.get("skip", "0")
        start = int(skip) if skip.isdecimal() else 0
        return films[start : start + _PAGE]


def _preview(film: Film) -> JsonObject:
    return {
        "id": film.imdb,
        "type": "movie",
        "name": film.title,
        "poster": film.picture_url,
        "posterShape": "landscape",  # the Archive's pictures are frames of the film
        "description": film.description,
        "releaseInfo": str(film.year),
        "genres": film.genres,
    }


def _meta(film: Film) -> JsonObject:
    meta = _preview(film) | {
        "background": film.picture_url,
        "director": film.directors,
        "website": film.page_url,
        "behaviorHints": {"defaultVideoId": film.imdb},
    }
    if film.runtime_min is not None:
        meta["runtime"] = f"{film.runtime_min} min"
    return meta


def _stream(film: Film) -> JsonObject:
    """The film's page: file names at the Archive change, so that none is written here."""
    return {
        "name": "Internet Archive",
        "description": "In the public domain. Opens its page at archive.org, where it plays for free.",
        "externalUrl": film.page_url,
    }

"""A film or a series of a provider, as it is looked for among the titles of IMDb."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from services.catalog.identity.match import may_differ_by
from services.catalog.identity.names import Name, names_of
from services.catalog.store.imdb_names import HEAD

ORIGINAL_NAME: Final = 0.01
"""What a name in another language than the list's is worth less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`names` has what was listed first. `imdb` and `tmdb` are what the provider says it is."""

    kind: int
    names: tuple[Name, ...]
    year: int | None
    imdb: int | None = None
    tmdb: int | None = None

    @property
    def keys(self) -> set[str]:
        return {name.key for name in self.names}

    @property
    def key(self) -> str:
        """What it is called, in the form that a decision about it is kept by."""
        return self.names[0].key if self.names else ""

    def year_of(self, name: Name) -> int | None:
        return name.year or self.year

    def without_year(self) -> Question:
        names = tuple(msgspec.structs.replace(name, year=None) for name in self.names)
        return replace(self, names=names, year=None)

    def places(self) -> set[tuple[int, str]]:
        """Where nearly the same names would be, a year early or late: only where a year is known."""
        found = set[tuple[int, str]]()
        for name in self.near_names():
            year = self.year_of(name)
            if year is not None:
                found |= {(near, name.key[:HEAD]) for near in (year - 1, year, year + 1)}
        return found

    def near_names(self) -> list[Name]:
        """Those that may be mistyped: whole ones, and not so short that everything is near them."""
        return [name for name in self.names[:2] if not name.loss and may_differ_by(len(name.key))]


def question(
    *, kind: int, title: str, original: str, year: int | None, imdb: int | None, tmdb: int | None
) -> Question:
    names = names_of(title, year=year)
    if original and original != title:
        names += names_of(original, year=year, loss=ORIGINAL_NAME)
    return Question(kind=kind, names=tuple(names), year=year, imdb=imdb, tmdb=tmdb)

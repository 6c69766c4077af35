"""What providers' libraries are divided into, held in memory while nothing is written of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from services.catalog.library_model import Item, Provider
from services.catalog.store.library.shelves import Shelf, ShelfStore, Terms

MOST_KEPT = 256
"""Shelves: some hundred kilobytes each for a large provider."""


class Shelves:
    """Reads what it doesn't hold, or holds of an older revision."""

    def __init__(self, store: ShelfStore) -> None:
        self._store = store
        self._kept: dict[int, tuple[int, Shelf]] = {}
        self._terms = Terms()

    async def of(self, providers: Sequence[Provider]) -> Mapping[int, Shelf]:
        """By the provider's number."""
        held = {each.number: self._kept.get(each.number) for each in providers}
        old = [p for p in providers if (kept := held[p.number]) is None or kept[0] != p.revision]
        if old:
            read = await self._store.shelves([each.number for each in old])
            for each in old:
                self._kept.pop(each.number, None)
                self._kept[each.number] = (each.revision, read[each.number])
            for number in list(self._kept)[:-MOST_KEPT]:
                del self._kept[number]
            return {n: kept[1] for n, kept in held.items() if kept is not None} | read
        return {number: kept[1] for number, kept in held.items() if kept is not None}

    async def terms(self, items: Iterable[Item]) -> Terms:
        """With at least those that `items` have."""
        genres = languages = 0
        for item in items:
            genres |= item.genres
            languages = max(languages, item.language)
        known = self._terms
        if genres & ~sum(1 << place for place in known.genres) or (
            languages and languages not in known.languages
        ):
            self._terms = await self._store.terms()
        return self._terms

    async def named(self, genres: Iterable[int], languages: Iterable[int]) -> Terms:
        """With at least these."""
        known = self._terms
        if not known.genres.keys() >= set(genres) or not known.languages.keys() >= {*languages} - {0}:
            self._terms = await self._store.terms()
        return self._terms

    async def genre(self, name: str) -> int | None:
        """The place of its bit."""
        return await self._number(name, lambda terms: terms.genres)

    async def language(self, name: str) -> int | None:
        return await self._number(name, lambda terms: terms.languages)

    async def _number(self, name: str, of: Callable[[Terms], Mapping[int, str]]) -> int | None:
        number = _named(name, of(self._terms))
        if number is None:  # somebody may have brought it since the terms were read
            self._terms = await self._store.terms()
            number = _named(name, of(self._terms))
        return number


def _named(name: str, terms: Mapping[int, str]) -> int | None:
    folded = name.casefold()
    return next((number for number, term in terms.items() if term.casefold() == folded), None)

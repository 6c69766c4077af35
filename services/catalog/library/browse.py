"""What an owner's accounts have: pages of it in an order and by filters, its categories, one item of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from math import ceil
from typing import cast

import msgspec

from libs.common.contracts.library import (
    CategoryView,
    Facets,
    FacetView,
    ItemKind,
    ItemPage,
    ItemQuery,
    ItemView,
)
from services.catalog.errors import ItemNotFound
from services.catalog.library.cursor import continued, cursor_of, question_of
from services.catalog.library.places import Places, Reached
from services.catalog.library.shelves import Shelves
from services.catalog.library.views import Views
from services.catalog.library_model import KIND_NAMES, KINDS, Item, Provider, number_of, public_id
from services.catalog.model import Owner
from services.catalog.store.library.choices import ChoiceStore
from services.catalog.store.library.guide import ChannelKey
from services.catalog.store.library.lists import ListStore
from services.catalog.store.library.providers import ProviderStore, numbers
from services.catalog.store.library.scans import Filters, OrderName, Scan
from services.catalog.store.library.shelves import Shelf

MOST_VERSIONS = 50


class Browse:
    """Reads the library. `hidden` false leaves out what the profile hides, as players want it."""

    def __init__(
        self,
        providers: ProviderStore,
        lists: ListStore,
        choices: ChoiceStore,
        *,
        places: Places,
        shelves: Shelves,
        views: Views,
    ) -> None:
        self._providers = providers
        self._lists = lists
        self._choices = choices
        self._places = places
        self._shelves = shelves
        self._views = views

    async def page(
        self, owner: Owner, kind: ItemKind, query: ItemQuery, *, hidden: bool = True, skip: int = 0
    ) -> ItemPage:
        """Raises InvalidInput for a cursor that another question was answered with. `skip` is for callers
        who count what they have seen."""
        question = question_of(kind, hidden, msgspec.structs.replace(query, cursor="", limit=1))
        providers = await self.providers(owner, query.account)
        shelves = await self._shelves.of(providers)
        filters = await self._filters(query)
        hides = frozenset() if hidden else await self._choices.hidden(owner)
        scan = Scan(
            provider=0,
            kind=KINDS[kind],
            order=cast(OrderName, query.sort.lstrip("-")),
            descending=query.sort.startswith("-"),
            filters=filters or Filters(),
            limit=skip + query.limit + 1,
            shown_to=owner if hides else None,
        )
        if query.cursor:
            scan = continued(scan, question, query.cursor)
        shelves = _of_category(shelves, scan)
        if filters is None or filters.category in hides or not shelves:
            return ItemPage(items=())
        found = await self._found(owner, scan, shelves, only_favourites=query.favourites)
        shown = found[skip : skip + query.limit]
        last = shown[-1] if len(found) == scan.limit else None
        return ItemPage(
            items=await self.views(owner, providers, [reached.place.id for reached in shown]),
            next_cursor=None if last is None else cursor_of(question, last.place, known=last.known),
            total=None if query.favourites or scan.shown_to else _total(scan, shelves.values()),
        )

    async def providers(self, owner: Owner, account: str = "") -> list[Provider]:
        """All of the owner's, or the one of that id."""
        return [p for p in await self._providers.visible(owner) if account in ("", p.id)]

    async def views(
        self, owner: Owner, providers: Sequence[Provider], ids: Sequence[int]
    ) -> tuple[ItemView, ...]:
        """In the order of `ids`, without those that are gone."""
        items = await self._lists.items(owner, ids)
        return await self._views.of(providers, [items[number] for number in ids if number in items])

    async def channels(self, owner: Owner, ids: Sequence[int]) -> list[tuple[ItemView, ChannelKey]]:
        """Those of `ids` that are channels, each once, and by what its provider's guide knows it."""
        providers = await self.providers(owner)
        items = await self._lists.items(owner, ids)
        found = [items[number] for number in dict.fromkeys(ids) if number in items]
        channels = [item for item in found if item.kind == KINDS["channels"]]
        views = await self._views.of(providers, channels)
        return [(view, (item.provider, item.guide_id)) for view, item in zip(views, channels, strict=True)]

    async def item(self, owner: Owner, kind: ItemKind, public: str) -> Item:
        """Raises ItemNotFound."""
        number = number_of(public)
        item = (await self._lists.items(owner, [number])).get(number) if number else None
        if item is None or item.kind != KINDS[kind]:
            raise ItemNotFound
        return item

    async def with_versions(self, owner: Owner, item: Item) -> tuple[ItemView, tuple[ItemView, ...]]:
        """The item, and the owner's other rows of the same title."""
        providers = await self.providers(owner)
        others = await self._lists.versions(item, numbers(providers), most=MOST_VERSIONS)
        first, *rest = await self.views(owner, providers, [item.id, *others])
        return first, tuple(rest)

    async def categories(
        self, owner: Owner, *, kind: ItemKind | None = None, account: str = "", hidden: bool = True
    ) -> tuple[CategoryView, ...]:
        """In their provider's order."""
        providers = await self.providers(owner, account)
        shelves = await self._shelves.of(providers)
        hides = await self._choices.hidden(owner)
        return tuple(
            CategoryView(
                id=public_id(category.id),
                account_id=provider.id,
                kind=KIND_NAMES[category.kind],
                name=category.name,
                items=category.total,
                is_hidden=category.id in hides,
            )
            for provider in providers
            for category in shelves[provider.number].categories.values()
            if (kind is None or category.kind == KINDS[kind]) and (hidden or category.id not in hides)
        )

    async def facets(self, owner: Owner, *, kind: ItemKind | None = None, account: str = "") -> Facets:
        """What there is to filter by, and how often."""
        shelves = await self._shelves.of(await self.providers(owner, account))
        kinds = list(KINDS.values()) if kind is None else [KINDS[kind]]
        counts = {"genre": Counter[int](), "language": Counter[int]()}
        for shelf in shelves.values():
            for facet, counted in counts.items():
                for number in kinds:
                    counted.update(shelf.counts.get((number, facet), {}))
        terms = await self._shelves.named(counts["genre"], counts["language"])
        return Facets(
            genres=_named(counts["genre"], terms.genres),
            languages=_named(counts["language"], terms.languages),
        )

    async def _found(
        self, owner: Owner, scan: Scan, shelves: Mapping[int, Shelf], *, only_favourites: bool
    ) -> list[Reached]:
        if only_favourites:
            return await self._places.favourites(owner, scan, list(shelves))
        return await self._places.read(scan, shelves)

    async def _filters(self, query: ItemQuery) -> Filters | None:
        """In numbers; None where they name what nothing has."""
        genre = await self._shelves.genre(query.genre) if query.genre else None
        language = await self._shelves.language(query.language) if query.language else None
        category = number_of(query.category) if query.category else None
        asked = ((query.genre, genre), (query.language, language), (query.category, category))
        if any(name and number is None for name, number in asked):
            return None
        since = query.added_since
        if since is not None and since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return Filters(
            category=category,
            genre=genre,
            language=language,
            year_from=query.year_from if query.year is None else query.year,
            year_to=query.year_to if query.year is None else query.year,
            rating_from=None if query.rating_from is None else ceil(query.rating_from * 10),
            added_since=None if since is None else ceil(since.timestamp()),
        )


def _of_category(shelves: Mapping[int, Shelf], scan: Scan) -> Mapping[int, Shelf]:
    """Only the provider whose category it is."""
    number = scan.filters.category
    if number is None:
        return shelves
    return {
        provider: shelf
        for provider, shelf in shelves.items()
        if (category := shelf.categories.get(number)) is not None and category.kind == scan.kind
    }


def _total(scan: Scan, shelves: Iterable[Shelf]) -> int | None:
    """Known where at most one filter is asked for, and counts of it are kept."""
    kind, filters = scan.kind, scan.filters
    match filters.names:
        case ():
            return sum(shelf.total(kind) for shelf in shelves)
        case ("category",):
            return sum(shelf.categories[filters.category or 0].total for shelf in shelves)
        case ("genre",):
            return sum(shelf.between(kind, "genre", filters.genre, filters.genre) for shelf in shelves)
        case ("language",):
            return sum(
                shelf.between(kind, "language", filters.language, filters.language) for shelf in shelves
            )
        case ("year",):
            return sum(shelf.between(kind, "year", filters.year_from, filters.year_to) for shelf in shelves)
    return None


def _named(counts: Mapping[int, int], names: Mapping[int, str]) -> tuple[FacetView, ...]:
    found = [
        FacetView(name=names[value], items=items)
        for value, items in counts.items()
        if items and value in names
    ]
    return tuple(sorted(found, key=lambda facet: (-facet.items, facet.name)))

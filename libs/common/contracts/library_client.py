"""Typed calls to the library: whatever is asked here belongs to the profile that asks."""

from __future__ import annotations

import asyncio
from typing import Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.library import (
    CategoryList,
    ChangeList,
    ChannelView,
    Confirmation,
    Facets,
    FindQuery,
    Found,
    Guide,
    GuideQuery,
    ItemKind,
    ItemPage,
    ItemQuery,
    LibraryStats,
    M3uAccountPatch,
    MatchChoice,
    MatchPage,
    MatchQuery,
    MatchView,
    MovieView,
    NewM3uAccount,
    NewXtreamAccount,
    ProviderKind,
    ProviderList,
    ProviderView,
    SeriesView,
    XtreamAccountPatch,
)
from libs.common.deadline import Deadline
from libs.common.identity import Identity

PREFIX = "/api/v1/library"
METHOD: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

T = TypeVar("T")


class LibraryClient:
    """Calls to catalog. Raises NotFound for what is another profile's as for what is nowhere."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def providers(self, identity: Identity, *, deadline: Deadline) -> ProviderList:
        """Of every kind, in the order in which they were added."""
        kinds: tuple[ProviderKind, ...] = ("xtream", "m3u")
        asked = (self._ask("GET", _accounts(kind), ProviderList, identity, deadline) for kind in kinds)
        listed = [provider for found in await asyncio.gather(*asked) for provider in found.items]
        return ProviderList(tuple(sorted(listed, key=lambda provider: provider.created_at)))

    async def add(
        self, identity: Identity, new: NewXtreamAccount | NewM3uAccount, *, deadline: Deadline
    ) -> ProviderView:
        """Raises InvalidInput for what is no address or is refused there, Conflict for one that is here."""
        kind: ProviderKind = "xtream" if isinstance(new, NewXtreamAccount) else "m3u"
        return await self._ask("POST", _accounts(kind), ProviderView, identity, deadline, body=new)

    async def patch(
        self,
        identity: Identity,
        provider_id: str,
        patch: XtreamAccountPatch | M3uAccountPatch,
        *,
        deadline: Deadline,
    ) -> ProviderView:
        kind: ProviderKind = "xtream" if isinstance(patch, XtreamAccountPatch) else "m3u"
        return await self._ask(
            "PATCH", _accounts(kind, provider_id), ProviderView, identity, deadline, body=patch
        )

    async def remove(self, identity: Identity, provider: ProviderView, *, deadline: Deadline) -> None:
        await self._ask("DELETE", _accounts(provider.kind, provider.id), type(None), identity, deadline)

    async def check(self, identity: Identity, provider: ProviderView, *, deadline: Deadline) -> ProviderView:
        """Asks the provider now; what it says stands in the answer's status and problem."""
        path = f"{_accounts(provider.kind, provider.id)}/check"
        return await self._ask("POST", path, ProviderView, identity, deadline)

    async def clear(
        self, identity: Identity, provider: ProviderView, confirm: str, *, deadline: Deadline
    ) -> None:
        """Everything of the account goes but itself. Raises InvalidInput unless `confirm` is its name."""
        path = f"{PREFIX}/accounts/{_part(provider.id)}/clear"
        await self._ask("POST", path, type(None), identity, deadline, body=Confirmation(confirm))

    async def changes(self, identity: Identity, provider_id: str, *, deadline: Deadline) -> ChangeList:
        path = f"{PREFIX}/accounts/{_part(provider_id)}/changes"
        return await self._ask("GET", path, ChangeList, identity, deadline)

    async def stats(self, identity: Identity, *, deadline: Deadline) -> LibraryStats:
        return await self._ask("GET", f"{PREFIX}/stats", LibraryStats, identity, deadline)

    async def vacuum(self, identity: Identity, *, deadline: Deadline) -> None:
        """For administrators."""
        await self._ask("POST", f"{PREFIX}/upkeep", type(None), identity, deadline)

    async def lists(
        self, identity: Identity, kind: ItemKind, query: ItemQuery, *, deadline: Deadline
    ) -> ItemPage:
        return await self._ask("GET", f"{PREFIX}/{kind}{_query(query)}", ItemPage, identity, deadline)

    async def channel(self, identity: Identity, item_id: str, *, deadline: Deadline) -> ChannelView:
        return await self._ask("GET", _item("channels", item_id), ChannelView, identity, deadline)

    async def movie(self, identity: Identity, item_id: str, *, deadline: Deadline) -> MovieView:
        return await self._ask("GET", _item("movies", item_id), MovieView, identity, deadline)

    async def series(self, identity: Identity, item_id: str, *, deadline: Deadline) -> SeriesView:
        return await self._ask("GET", _item("series", item_id), SeriesView, identity, deadline)

    async def guide(self, identity: Identity, query: GuideQuery, *, deadline: Deadline) -> Guide:
        """Channels with what they show."""
        return await self._ask("GET", f"{PREFIX}/guide{_query(query)}", Guide, identity, deadline)

    async def search(self, identity: Identity, query: FindQuery, *, deadline: Deadline) -> Found:
        return await self._ask("GET", f"{PREFIX}/search{_query(query)}", Found, identity, deadline)

    async def categories(
        self, identity: Identity, *, kind: ItemKind, deadline: Deadline, account: str = ""
    ) -> CategoryList:
        """Hidden ones too."""
        asked = urlencode({"kind": kind, **({"account": account} if account else {})})
        return await self._ask("GET", f"{PREFIX}/categories?{asked}", CategoryList, identity, deadline)

    async def facets(
        self, identity: Identity, *, kind: ItemKind, deadline: Deadline, account: str = ""
    ) -> Facets:
        asked = urlencode({"kind": kind, **({"account": account} if account else {})})
        return await self._ask("GET", f"{PREFIX}/facets?{asked}", Facets, identity, deadline)

    async def favour(
        self, identity: Identity, item_id: str, *, is_favourite: bool, deadline: Deadline
    ) -> None:
        method: METHOD = "PUT" if is_favourite else "DELETE"
        await self._ask(method, f"{PREFIX}/favourites/{_part(item_id)}", type(None), identity, deadline)

    async def hide(
        self, identity: Identity, category_id: str, *, is_hidden: bool, deadline: Deadline
    ) -> None:
        method: METHOD = "PUT" if is_hidden else "DELETE"
        path = f"{PREFIX}/categories/{_part(category_id)}/hidden"
        await self._ask(method, path, type(None), identity, deadline)

    async def matches(self, identity: Identity, query: MatchQuery, *, deadline: Deadline) -> MatchPage:
        return await self._ask("GET", f"{PREFIX}/matches{_query(query)}", MatchPage, identity, deadline)

    async def choose(
        self, identity: Identity, item_id: str, choice: MatchChoice, *, deadline: Deadline
    ) -> MatchView:
        path = f"{PREFIX}/matches/{_part(item_id)}"
        return await self._ask("PUT", path, MatchView, identity, deadline, body=choice)

    async def take_back(self, identity: Identity, item_id: str, *, deadline: Deadline) -> MatchView:
        path = f"{PREFIX}/matches/{_part(item_id)}"
        return await self._ask("DELETE", path, MatchView, identity, deadline)

    async def _ask(
        self,
        method: METHOD,
        raw_path: str,
        into: type[T],
        identity: Identity,
        deadline: Deadline,
        *,
        body: msgspec.Struct | None = None,
    ) -> T:
        return await self._service.call(
            method, raw_path, identity=identity, deadline=deadline, into=into, body=body
        )


def _accounts(kind: ProviderKind, provider_id: str = "") -> str:
    return f"/api/v1/{kind}-accounts" + (f"/{_part(provider_id)}" if provider_id else "")


def _item(kind: ItemKind, item_id: str) -> str:
    return f"{PREFIX}/{kind}/{_part(item_id)}"


def _part(text: str) -> str:
    return quote(text, safe="")


def _query(query: msgspec.Struct) -> str:
    """What differs from what is taken without asking."""
    asked = {
        field.encode_name: value
        for field in msgspec.structs.fields(query)
        if (value := getattr(query, field.name)) != field.default
    }
    if not asked:
        return ""
    values = msgspec.to_builtins(asked)
    return "?" + urlencode({name: _word(value) for name, value in values.items()}, quote_via=quote)


def _word(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

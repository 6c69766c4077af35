"""What catalog says and takes: addons, rows of the merged manifest, pages of items, titles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.addon_health import AddonHealth, HealthPoint, HealthReport, SourceHealth
from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.removals import Removal
from libs.common.contracts.rows import (
    ManifestReport,
    NewMergedRow,
    RowList,
    RowName,
    RowOrder,
    RowPatch,
    RowView,
)
from libs.common.contracts.titles import FoundTitle
from libs.common.deadline import Deadline
from libs.common.identity import Identity

AddonStatus = Literal["ok", "slow", "failing", "unknown"]
CacheState = Literal["hit", "miss", "stale", "bypass", "partial"]

T = TypeVar("T")


class SourceProblem(msgspec.Struct, frozen=True):
    """A source missing from an answer: a stable `reason` code and a sentence for people."""

    addon_id: str
    addon_name: str
    reason: str
    detail: str


class AddonState(msgspec.Struct, frozen=True, kw_only=True):
    """What the last calls to an addon showed. Latency is a moving average of answers, in ms."""

    status: AddonStatus = "unknown"
    last_answer_at: datetime | None = None
    latency_ms: float | None = None
    error: str | None = None
    error_at: datetime | None = None
    calls: int = 0
    failures: int = 0


class AddonView(msgspec.Struct, frozen=True, kw_only=True):
    """An addon as its owner sees it. `address` is masked: addon paths carry provider keys. `trend` is what
    happened in each of the last 48 hours in which it was asked."""

    id: str
    name: str
    manifest_name: str
    version: str
    description: str
    logo: str | None
    address: str
    configure_url: str | None
    enabled: bool
    builtin: bool
    position: int
    resources: tuple[str, ...]
    types: tuple[str, ...]
    catalogs: int
    manifest_fetched_at: datetime | None
    manifest_error: str | None
    state: AddonState
    health: SourceHealth = SourceHealth()
    trend: tuple[HealthPoint, ...] = ()


class AddonList(msgspec.Struct, frozen=True):
    items: tuple[AddonView, ...]
    next_cursor: str | None = None


class NewAddon(msgspec.Struct, frozen=True):
    url: str


class AddonPatch(msgspec.Struct, frozen=True, kw_only=True):
    """Absent members stay as they are; an empty name goes back to the manifest's. A pinned addon is never
    left alone for failing."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET


class AddonOrder(msgspec.Struct, frozen=True):
    """Every addon id of the profile, once, in the new order."""

    ids: tuple[str, ...]


class AddonSource(msgspec.Struct, frozen=True, kw_only=True):
    """An enabled addon as another service calls it. `transport_url` is a secret."""

    id: str
    key: str
    name: str
    transport_url: str
    manifest: msgspec.Raw
    health: SourceHealth = SourceHealth()


class AddonSources(msgspec.Struct, frozen=True):
    items: tuple[AddonSource, ...]


class CatalogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 100 items as the addon sent them."""

    row: RowView
    items: tuple[msgspec.Raw, ...]
    next_cursor: str | None = None
    problems: tuple[SourceProblem, ...] = ()
    cache: CacheState = "miss"


class TitlePage(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata object of the first addon, in the owner's order, that knows the title.

    `attributions` have to be shown with it: they are of whoever filled in what the addon left out. Where no
    addon knows the title, `addon_id` is empty, and `addon_name` says who does.
    """

    meta: msgspec.Raw
    addon_id: str
    addon_name: str
    problems: tuple[SourceProblem, ...] = ()
    attributions: tuple[str, ...] = ()


class SearchGroup(msgspec.Struct, frozen=True):
    row: RowView
    items: tuple[msgspec.Raw, ...]


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """One group per row that found something, in row order, every title once.

    `together` names the entries of titles that were found more than once, under one id or several.
    """

    groups: tuple[SearchGroup, ...]
    together: tuple[FoundTitle, ...] = ()
    problems: tuple[SourceProblem, ...] = ()


class RefreshCounts(msgspec.Struct, frozen=True, kw_only=True):
    seen: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0


def _part(text: str) -> str:
    return quote(text, safe="")


def _row_path(row: RowName) -> str:
    return f"/api/v1/catalogs/{_part(row.id)}?{urlencode({'type': row.type, 'kind': row.kind})}"


METHOD: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
LIBRARY_ADDON = "/internal/catalog/library/addon"


class CatalogClient:
    """Typed calls to the catalog service. Account calls carry the account's own identity."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def addons(self, identity: Identity, *, deadline: Deadline) -> AddonList:
        return await self._ask("GET", "/api/v1/addons", AddonList, identity, deadline)

    async def add_addon(self, identity: Identity, url: str, *, deadline: Deadline) -> AddonView:
        return await self._ask("POST", "/api/v1/addons", AddonView, identity, deadline, body=NewAddon(url))

    async def change_addon(
        self, identity: Identity, addon_id: str, patch: AddonPatch, *, deadline: Deadline
    ) -> AddonView:
        return await self._ask(
            "PATCH", f"/api/v1/addons/{_part(addon_id)}", AddonView, identity, deadline, body=patch
        )

    async def addon_health(self, identity: Identity, addon_id: str, *, deadline: Deadline) -> AddonHealth:
        return await self._ask(
            "GET", f"/api/v1/addons/{_part(addon_id)}/health", AddonHealth, identity, deadline
        )

    async def remove_addon(self, identity: Identity, addon_id: str, *, deadline: Deadline) -> None:
        await self._ask("DELETE", f"/api/v1/addons/{_part(addon_id)}", type(None), identity, deadline)

    async def refresh_addon(self, identity: Identity, addon_id: str, *, deadline: Deadline) -> AddonView:
        return await self._ask(
            "POST", f"/api/v1/addons/{_part(addon_id)}/refresh", AddonView, identity, deadline
        )

    async def order_addons(self, identity: Identity, ids: Sequence[str], *, deadline: Deadline) -> AddonList:
        return await self._ask(
            "PUT", "/api/v1/addons/order", AddonList, identity, deadline, body=AddonOrder(tuple(ids))
        )

    async def rows(self, identity: Identity, *, deadline: Deadline) -> RowList:
        """The rows of the merged manifest, hidden and left-out ones not among them."""
        return await self._ask("GET", "/api/v1/catalogs", RowList, identity, deadline)

    async def manifest_report(self, identity: Identity, *, deadline: Deadline) -> ManifestReport:
        return await self._ask("GET", "/api/v1/manifest", ManifestReport, identity, deadline)

    async def change_row(
        self, identity: Identity, row: RowName, patch: RowPatch, *, deadline: Deadline
    ) -> ManifestReport:
        return await self._ask("PATCH", _row_path(row), ManifestReport, identity, deadline, body=patch)

    async def order_rows(
        self, identity: Identity, rows: Sequence[RowName], *, deadline: Deadline
    ) -> ManifestReport:
        return await self._ask(
            "PUT", "/api/v1/catalogs/order", ManifestReport, identity, deadline, body=RowOrder(tuple(rows))
        )

    async def merge_rows(self, identity: Identity, new: NewMergedRow, *, deadline: Deadline) -> RowView:
        return await self._ask("POST", "/api/v1/catalogs", RowView, identity, deadline, body=new)

    async def remove_row(self, identity: Identity, row: RowName, *, deadline: Deadline) -> None:
        """Takes a merged row apart: its rows stand by themselves again."""
        await self._ask("DELETE", _row_path(row), type(None), identity, deadline)

    async def catalog_page(
        self,
        identity: Identity,
        type_: str,
        row_id: str,
        *,
        deadline: Deadline,
        cursor: str | None = None,
        extras: Sequence[tuple[str, str]] = (),
    ) -> CatalogPage:
        """A row is named by id and type. `extras` are the protocol's (genre, search, …); `cursor` pages."""
        query = [("type", type_), *extras]
        if cursor:
            query.append(("cursor", cursor))
        return await self._ask(
            "GET", f"/api/v1/catalogs/{_part(row_id)}?{urlencode(query)}", CatalogPage, identity, deadline
        )

    async def title(self, identity: Identity, type_: str, title_id: str, *, deadline: Deadline) -> TitlePage:
        return await self._ask(
            "GET", f"/api/v1/titles/{_part(type_)}/{_part(title_id)}", TitlePage, identity, deadline
        )

    async def search(
        self, identity: Identity, query: str, *, deadline: Deadline, types: Sequence[str] = ()
    ) -> SearchPage:
        pairs = [("q", query), *([("types", ",".join(types))] if types else [])]
        return await self._ask("GET", f"/api/v1/search?{urlencode(pairs)}", SearchPage, identity, deadline)

    async def addon_sources(self, identity: Identity, *, deadline: Deadline) -> AddonSources:
        """The enabled addons in the owner's order, with their secret addresses."""
        return await self._ask(
            "GET", "/internal/catalog/addons", AddonSources, identity.as_service(), deadline
        )

    async def merged_manifest(self, identity: Identity, *, deadline: Deadline) -> bytes:
        """The manifest of the account's one addon, as players get it."""
        return bytes(
            await self._ask(
                "GET", "/internal/stremio/manifest.json", msgspec.Raw, identity.as_service(), deadline
            )
        )

    async def library_resource(self, owner: str, tail: str, *, deadline: Deadline) -> bytes:
        """The same of the library's addon of `owner`, as its address names them."""
        return bytes(
            await self._ask("GET", f"{LIBRARY_ADDON}/{owner}/{tail}", msgspec.Raw, SERVICE, deadline)
        )

    async def demo_resource(self, tail: str, *, deadline: Deadline) -> bytes:
        """The built-in demo addon's answer to a raw Stremio path such as `stream/movie/tt0017136.json`."""
        return bytes(await self._ask("GET", f"/internal/catalog/demo/{tail}", msgspec.Raw, SERVICE, deadline))

    async def report_health(self, report: HealthReport, *, deadline: Deadline) -> None:
        await self._ask("POST", "/internal/catalog/health", type(None), SERVICE, deadline, body=report)

    async def refresh_due(self, *, deadline: Deadline, limit: int = 50) -> RefreshCounts:
        """Fetches the manifests whose time has come, at most `limit` of them."""
        return await self._ask(
            "POST", f"/internal/catalog/refresh?limit={limit}", RefreshCounts, SERVICE, deadline
        )

    async def forget_owner(self, removal: Removal, deadline: Deadline) -> None:
        """Removes what the catalog holds of an account, or of one profile. Nothing there is no error."""
        await self._ask("POST", "/internal/catalog/forget", type(None), SERVICE, deadline, body=removal)

    async def _ask(
        self,
        method: METHOD,
        path: str,
        into: type[T],
        identity: Identity,
        deadline: Deadline,
        *,
        body: msgspec.Struct | None = None,
    ) -> T:
        return await self.service.call(
            method, path, identity=identity, deadline=deadline, into=into, body=body
        )

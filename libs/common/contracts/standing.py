"""How all sources of a hub are, for administrators: without names, addresses, or whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.connections import ConnectionKind, ConnectionState
from libs.common.deadline import Deadline

SOURCES_PATH: Final = "/internal/catalog/standing"
CONNECTIONS_PATH: Final = "/internal/sync/standing"


class AddonStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One addon of one profile. `reason` says what its `score` and `state` come from."""

    addon_id: str
    builtin: bool
    state: str
    score: int | None
    badge: str
    calls: int
    failures: int
    latency_ms: float | None
    reason: str


class LibraryStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One account at a provider."""

    provider_id: str
    kind: str
    state: str
    checked_at: datetime | None = None
    synced_at: datetime | None = None


class SourcesStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Those that are worst off first; `addons_in_all` and `libraries_in_all` count those left out, too."""

    addons: tuple[AddonStanding, ...]
    addons_in_all: int
    libraries: tuple[LibraryStanding, ...]
    libraries_in_all: int


class ConnectionStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One profile's connection to an account elsewhere; `reason` and `remark` are constant words."""

    kind: ConnectionKind
    state: ConnectionState
    reason: str = ""
    remark: str = ""
    synced_at: datetime | None = None


class ConnectionsStanding(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ConnectionStanding, ...]
    in_all: int


class StandingClient:
    """Asks catalog and sync. Raises HeadgateError."""

    def __init__(self, catalog: ServiceClient, sync: ServiceClient) -> None:
        self._catalog = catalog
        self._sync = sync

    async def sources(self, *, deadline: Deadline) -> SourcesStanding:
        return await self._catalog.call(
            "GET", SOURCES_PATH, identity=SERVICE, deadline=deadline, into=SourcesStanding
        )

    async def connections(self, *, deadline: Deadline) -> ConnectionsStanding:
        return await self._sync.call(
            "GET", CONNECTIONS_PATH, identity=SERVICE, deadline=deadline, into=ConnectionsStanding
        )

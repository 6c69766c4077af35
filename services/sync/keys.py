"""Where the routes find the graph."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from libs.common.contracts.connections import ConnectionBrief
from services.sync.account_settings import AccountSettings
from services.sync.imdb import ImdbStatus
from services.sync.imports.imports import Imports
from services.sync.jobs import Bells, Jobs
from services.sync.model import Owner
from services.sync.moving.exporting import Exports
from services.sync.moving.moves import Moves
from services.sync.outgoing.waiting import Waiting
from services.sync.store.standing import StandingStore
from services.sync.stremio.connections import StremioConnections
from services.sync.stremio.plans import Plans
from services.sync.trakt.connections import TraktConnections
from services.sync.trakt.single import Singles

Brief: TypeAlias = Callable[[Owner], Awaitable[ConnectionBrief]]

JOBS: web.AppKey[Jobs] = web.AppKey("sync_jobs", Jobs)
BELLS: web.AppKey[Bells] = web.AppKey("sync_bells", Bells)
ACCOUNT_SETTINGS: web.AppKey[AccountSettings] = web.AppKey("sync_account_settings", AccountSettings)
EXPORTS: web.AppKey[Exports] = web.AppKey("sync_exports", Exports)
MOVES: web.AppKey[Moves] = web.AppKey("MOVES", Moves)
IMDB: web.AppKey[ImdbStatus] = web.AppKey("sync_imdb", ImdbStatus)
IMPORTS: web.AppKey[Imports] = web.AppKey("sync_imports", Imports)
OUTGOING_WAITING: web.AppKey[Waiting] = web.AppKey("sync_outgoing_waiting", Waiting)
TRAKT: web.AppKey[TraktConnections] = web.AppKey("sync_trakt", TraktConnections)
TRAKT_SINGLES: web.AppKey[Singles] = web.AppKey("sync_trakt_singles", Singles)
STREMIO_CONNECTIONS: web.AppKey[StremioConnections] = web.AppKey(
    "sync_stremio_connections", StremioConnections
)
STREMIO_PLANS: web.AppKey[Plans] = web.AppKey("sync_stremio_plans", Plans)
STANDING: web.AppKey[StandingStore] = web.AppKey("sync_standing", StandingStore)
CONNECTIONS: web.AppKey[tuple[Brief, ...]] = web.AppKey("sync_connections", tuple)
"""What each kind of connection tells of itself, in the order in which they are listed."""

"""What fetches data sets, and what reads accounts at providers."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.contracts.imdb import ImdbClient
from libs.common.graph import open_fetcher, open_session
from libs.common.ground import Ground
from libs.common.hops import own_name
from libs.common.http import ClientSession, Fetcher, Guard
from libs.common.outbound import hub_guard, operators_guard
from services.sync.kinds.addons import RefreshAddons
from services.sync.kinds.anime_ids import ImportAnimeIds
from services.sync.kinds.base import Kind
from services.sync.kinds.details import FillDetails
from services.sync.kinds.imdb import ImportImdb, sets_wanted
from services.sync.kinds.m3u import SyncList
from services.sync.kinds.turns import Turns
from services.sync.kinds.xtream import SyncPanel
from services.sync.licences import Licences
from services.sync.reach import Reach
from services.sync.settings import Settings
from services.sync.sources.anime_ids import AnimeIdsSource
from services.sync.sources.imdb import ImdbSource
from services.sync.sources.providers import ProviderSource
from services.sync.store.jobs import Store


@dataclass(frozen=True, slots=True)
class Outside:
    """How servers are asked that users named."""

    session: ClientSession
    guard: Guard


async def open_outside(settings: Settings, ground: Ground) -> Outside:
    """Kept away from the hub's own sockets."""
    guard = hub_guard(settings.common, gateway_port=settings.gateway_port)
    return Outside(await open_session(ground, "providers", guard), guard)


async def open_data_sets(
    settings: Settings, ground: Ground, reach: Reach, *, imdb: ImdbClient, licences: Licences
) -> list[Kind]:
    """Lists and data sets at addresses that the operator chose."""
    clock = ground.clock
    fetcher = await open_fetcher(ground, "data_sets", operators_guard())
    sets = ImdbSource(fetcher, settings.imdb_url, clock)
    anime = AnimeIdsSource(fetcher, settings.anime_ids_url)
    return [
        RefreshAddons(reach.catalog, clock),
        ImportImdb(sets, imdb, licences, clock, names=sets_wanted(akas=settings.imdb_akas)),
        ImportAnimeIds(anime, imdb, licences, clock),
    ]


def library_kinds(
    settings: Settings, ground: Ground, reach: Reach, *, outside: Outside, runs: Store
) -> list[Kind]:
    clock, tasks = ground.clock, ground.tasks
    source = ProviderSource(
        Fetcher(outside.session, outside.guard, clock),
        clock,
        hop_name=own_name(settings.common.secret_key),
    )
    turns = Turns(runs, clock)
    return [
        SyncPanel(source, reach.handover, clock, tasks, turns=turns),
        SyncList(source, reach.handover, clock, tasks),
        FillDetails(reach.handover, clock, turns),
    ]

"""The hub's own providers, put together and opened at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.names import NamesClient
from libs.common.db import Database
from libs.common.graph import open_fetcher
from libs.common.ground import Ground
from libs.common.http import Guard
from libs.common.resilience import ResilienceSettings, Upstreams
from libs.common.secrets import SecretBox
from libs.common.states import BreakerState
from services.streaming.providers.base import Provider
from services.streaming.providers.embedding import Embedding
from services.streaming.providers.embeds import CHECK_EVERY_S, EmbedSite
from services.streaming.providers.links import Links
from services.streaming.providers.local import SCAN_EVERY_S, LocalFolder
from services.streaming.providers.local_streams import LocalFilms
from services.streaming.providers.own import OwnProviders
from services.streaming.settings import Settings
from services.streaming.sources.embed_check import PageCheck
from services.streaming.sources.names import KnownNames
from services.streaming.sources.tmdb_ids import TmdbIds
from services.streaming.store.links import LinkStore

AT_ONCE: Final = 256
"""Calls of one of them: most are answered out of memory or by one statement."""


@dataclass(frozen=True, slots=True)
class Opened:
    """`folder` is None where the operator set none."""

    own: OwnProviders
    embedding: Embedding
    links: Links
    folder: LocalFolder | None


async def open_providers(
    ground: Ground,
    settings: Settings,
    *,
    catalog: ServiceClient,
    database: Database,
    box: SecretBox,
    guard: Guard,
) -> Opened:
    limits = ResilienceSettings(
        attempt_s=settings.streams_deadline_s, max_concurrent=AT_ONCE, max_waiting=4 * AT_ONCE
    )
    upstreams = Upstreams(clock=ground.clock, metrics=ground.metrics, settings=limits)
    ground.status.add(BreakerState, upstreams.snapshot)
    folder = _open_folder(ground, settings, catalog)
    links = Links(LinkStore(database), box, guard, ground.clock)
    providers: list[Provider] = [links]
    if folder is not None:
        providers.append(LocalFilms(folder))
    sites = await _open_sites(ground, settings, catalog, guard, upstreams)
    providers += sites
    embedding = Embedding(sites, upstreams, tasks=ground.tasks, deadline_s=settings.streams_deadline_s)
    if sites:
        ground.tasks.every("check_embeds", CHECK_EVERY_S, embedding.check, clock=ground.clock, at_once=True)
    return Opened(OwnProviders(providers, settings.providers, upstreams), embedding, links, folder)


async def _open_sites(
    ground: Ground, settings: Settings, catalog: ServiceClient, guard: Guard, upstreams: Upstreams
) -> list[EmbedSite]:
    embeds, clock = settings.embeds, ground.clock
    if not embeds.urls:
        return []
    pages, numbers = PageCheck(await open_fetcher(ground, "embeds", guard)), TmdbIds(catalog)
    return [
        EmbedSite(
            url,
            embeds.pattern,
            embeds.messages,
            numbers=numbers,
            pages=pages,
            upstream=upstreams.get(f"embed-page:{place}"),
            clock=clock,
        )
        for place, url in enumerate(embeds.urls, 1)
    ]


def _open_folder(ground: Ground, settings: Settings, catalog: ServiceClient) -> LocalFolder | None:
    if settings.media_dir is None:
        return None
    names = KnownNames(NamesClient(catalog), ground.clock)
    folder = LocalFolder(settings.media_dir, names, clock=ground.clock)
    ground.tasks.every("scan_media_dir", SCAN_EVERY_S, folder.refresh, clock=ground.clock, at_once=True)
    return folder

"""A day of 100,000 requests through a hub, most of them for few things, a third of it without the addon.

The services are real and speak HTTP; only their clock is ours, so that lives of hours end as they would.
"""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate, cycle

import structlog
from aiohttp import web

from benchmarks.figures import Figure
from benchmarks.owner import PASSWORD, USERNAME
from deploy.cluster.ports import free_port
from libs.common.http import make_session
from libs.common.serve import run_loop, start_site
from services.auth.app import create_app as create_auth
from services.auth.settings import Settings as AuthSettings
from services.catalog.app import create_app as create_catalog
from services.catalog.settings import Settings as CatalogSettings
from services.gateway.app import create_app as create_gateway
from services.gateway.settings import Settings as GatewaySettings
from tests.fakes.addon import FakeAddon, film, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock, settle
from tests.harness.clients import Api, Player
from tests.harness.hub import SECRET, UNLIMITED, stores

REQUESTS = 100_000
DAY_S = 86_400.0
AT_ONCE = 20
SEED = 7
ROWS, GENRES, TITLES, SEARCHES = 10, 5, 500, 30
LISTED = 600
"""Titles that rows list, so that each genre fills a page."""
SHARES = (0.57, 0.4, 0.03)
"""Of titles, rows and searches. Within each, the nth most popular is asked for 1/n as often as the first."""


@dataclass
class Replayed:
    """What became of the requests; `again` are failures of what had been answered before, `first` others."""

    states: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    again: int = 0
    first: int = 0
    calls: int = 0

    @property
    def total(self) -> int:
        return self.states.total() + self.again + self.first

    def percent(self, *states: str) -> float:
        return 100 * sum(self.states[state] for state in states) / self.total


def measure() -> list[Figure]:
    # Two hundred thousand lines would be most of what is measured.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with stores() as servers:
        return [*replayed("replay", {}), *replayed("replay over two replicas", servers)]


def replayed(what: str, servers: Mapping[str, str], requests: int = REQUESTS) -> list[Figure]:
    """By one catalog and one gateway in memory, or by two of each on `servers`, which are settings."""
    found = Replayed()
    run_loop(_replay(requests, found, servers))
    how = (
        f"{found.total:,} requests over 24 hours, Zipf over {TITLES} titles, {ROWS * (GENRES + 1)} rows and "
        f"{SEARCHES} searches; for 8 hours the addon answers 503"
    )
    kept = f"{found.percent('hit'):.1f} % fresh, {found.percent('stale'):.1f} % old; {how}"
    calls = f"{found.calls:,} calls, those that failed included"
    failed = f"of {len(found.seen)} things; {found.first} requests failed of things never seen before"
    return [
        Figure(f"{what}, answered from a cache", found.percent("hit", "stale"), "%", "at least", 95, kept),
        Figure(f"{what}, calls to the addon", 100 * found.calls / found.total, "%", "at most", 2, calls),
        Figure(f"{what}, failed although seen before", found.again, "", "at most", 0, failed),
    ]


async def _replay(requests: int, found: Replayed, servers: Mapping[str, str]) -> None:
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        addon = await stack.enter_async_context(_addon())
        players = await stack.enter_async_context(_players(clock, addon, servers))
        paths = asked((await players[0].row("C0")).removesuffix("c0"), requests)
        addon.calls.clear()
        for place in range(0, requests, AT_ONCE):
            if requests / 3 <= place < 2 * requests / 3:
                addon.on("*", status=503)
            else:
                addon.heal()
            together = zip(paths[place : place + AT_ONCE], cycle(players), strict=False)
            await asyncio.gather(*(_ask(player, tail, found) for tail, player in together))
            await _quiet(addon)
            clock.advance(DAY_S * AT_ONCE / requests)
        found.calls = addon.calls.total()


async def _ask(player: Player, tail: str, found: Replayed) -> None:
    answer = await player.ask(tail)
    if answer.status == 200:
        found.states[answer.headers["x-headgate-cache"]] += 1
        found.seen.add(tail)
    elif tail in found.seen:
        found.again += 1
    else:
        found.first += 1


async def _quiet(addon: FakeAddon) -> None:
    """Returns when nothing is on its way to the addon: time must not pass for what takes a millisecond."""
    calls = -1
    while calls != addon.calls.total():
        if calls >= 0:
            await asyncio.sleep(0.02)
        calls = addon.calls.total()
        await settle()


def asked(row: str, requests: int) -> Sequence[str]:
    """The paths, in the order in which they are asked for; `row` is what every row's path begins with."""
    uniform = random.Random(SEED)
    titles = [f"meta/movie/tt{number:07d}.json" for number in range(1, TITLES + 1)]
    firsts = [f"catalog/{row}c{number}.json" for number in range(ROWS)]
    genres = [f"catalog/{row}c{number}/genre=G{g}.json" for g in range(GENRES) for number in range(ROWS)]
    searches = [f"catalog/{row}find/search=Film%20{number}.json" for number in range(1, SEARCHES + 1)]
    kinds = (titles, firsts + genres, searches)
    weights = [list(accumulate(1 / rank for rank in range(1, len(kind) + 1))) for kind in kinds]
    chosen = uniform.choices(range(len(kinds)), SHARES, k=requests)
    return [uniform.choices(kinds[kind], cum_weights=weights[kind])[0] for kind in chosen]


def _addon() -> FakeAddon:
    items = [film(number, genres=[f"G{number % GENRES}"]) for number in range(1, LISTED + 1)]
    rows = [row_of(f"c{number}", extra=["skip", "genre"]) for number in range(ROWS)]
    find = row_of("find", extra=[{"name": "search", "isRequired": True}])
    return FakeAddon(
        manifest=manifest(catalogs=[*rows, find]),
        catalogs={"find": items, **{f"c{number}": items[number:] for number in range(ROWS)}},
        metas={item["id"]: item for item in items},
    )


@asynccontextmanager
async def _players(
    clock: ManualClock, addon: FakeAddon, servers: Mapping[str, str]
) -> AsyncIterator[list[Player]]:
    """A player at each gateway, with the hub installed, `addon` being all that it has."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        auth, gateways = free_port(), [free_port() for _ in range(2 if servers else 1)]
        catalogs = [free_port() for _ in gateways]
        environment = {
            **UNLIMITED,
            **servers,
            "HEADGATE_AUTH_URL": f"http://127.0.0.1:{auth}",
            "HEADGATE_CATALOG_URL": ",".join(f"http://127.0.0.1:{port}" for port in catalogs),
            "HEADGATE_DATA_DIR": folder,
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
        }
        apps: list[tuple[int, web.Application]] = [
            (auth, create_auth(AuthSettings.from_env(environment), clock=clock)),
            *(
                (port, create_catalog(CatalogSettings.from_env(environment), clock=clock))
                for port in catalogs
            ),
            *(
                (port, create_gateway(GatewaySettings.from_env(environment), clock=clock))
                for port in gateways
            ),
        ]
        for port, app in apps:
            running = await start_site(app, f"127.0.0.1:{port}", shutdown_s=1)
            stack.push_async_callback(running.aclose)
        bases = [f"http://127.0.0.1:{port}" for port in gateways]
        api = await stack.enter_async_context(Api.of(bases[0]))
        await api.sign_in(USERNAME, PASSWORD)
        for each in await api.addons():
            await api.delete(f"/api/v1/addons/{each['id']}")
        await api.add(addon.manifest_url)
        session = await stack.enter_async_context(make_session(limit=AT_ONCE, limit_per_host=0))
        player = Player(session, await api.stremio_url())
        yield [player.at(base) for base in bases]

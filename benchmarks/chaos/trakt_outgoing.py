"""kill -9 of whoever tells Trakt, at random moments, and a Trakt that breaks off: each play is there once.

Trakt is played by the tests' own, at a rate that both sides are set to: at Trakt's own it would take hours.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.progress import members
from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.http import ClientSession, make_session
from tests.fakes.trakt import FakeTrakt, Fault
from tests.fakes.trakt.trakt import CLIENT_ID
from tests.harness.hub import UNLIMITED, Hub, Mode, running
from tests.servers import postgres_server, redis_server
from tests.waiting import until

PLAYS = 5_000
ACCOUNTS = 10
FILMS = 350
"""Of each account; the rest of its plays are of films that it has seen already."""
SCROBBLED = 100
"""Of them, seen to an end that Trakt counts by itself."""
AT_ONCE = 50
WRITE_EVERY_S = 0.05
BETWEEN_KILLS_S = (5.0, 30.0)
BETWEEN_FAULTS = (5, 30)
"""Changes that go well between two that don't."""
LOOK_S = 0.05
QUIET_S = 30.0
"""What has not been read from the outbox by then is lost."""
ENDS_S = 1_800.0
FILM_S = 6000.0
SEED = 7
MODES: tuple[Mode, ...] = ("embedded", "split")
Kill = Callable[[], None]


@dataclass
class Course:
    kills: int = 0
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Watcher:
    """One account: how it signs in here, and what it has played, by film and second."""

    name: str
    token: str
    since: datetime
    played: Counter[tuple[str, int]] = field(default_factory=Counter)
    scrobbled: set[str] = field(default_factory=set)


def measure() -> list[Figure]:
    return [_measured(mode) for mode in MODES]


def _measured(mode: Mode) -> Figure:
    return asyncio.run(_run(mode))


async def _run(mode: Mode) -> Figure:
    course = Course()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        async with FakeTrakt(clock=SystemClock()) as trakt:
            trakt.limits.write_period_s = WRITE_EVERY_S
            trakt.signing.interval_s = 1
            environment = _environment(trakt)
            if mode == "split":
                redis, postgres = stack.enter_context(redis_server()), stack.enter_context(postgres_server())
                environment["HEADGATE_REDIS_URL"] = redis.url
                environment["HEADGATE_DATABASE_URL"] = postgres.new_database()
            hub = await asyncio.to_thread(stack.enter_context, running(mode, environment, folder))
            kills = await asyncio.to_thread(_kills, hub, mode)
            wrong, telling = await _course(hub, trakt, kills, course)
            await asyncio.to_thread(hub.wait_ready)
            trakt.heal()
            await asyncio.to_thread(stack.close)
    shown = Counter(name for name, fault in course.faults if fault.shown)
    faults = ", ".join(f"{count} × {name}" for name, count in sorted(shown.items()))
    note = (
        f"{PLAYS:,} plays of {ACCOUNTS} accounts in {course.seconds:.0f} s, {telling}; {course.kills} times"
        f" kill -9 of {'the hub' if mode == 'embedded' else 'one of two replicas of sync'} at random moments;"
        f" Trakt: {faults}"
    )
    return Figure(f"plays that Trakt has not exactly once, {mode}", wrong, "", "at most", 0, note)


def _environment(trakt: FakeTrakt) -> dict[str, str]:
    return {
        **UNLIMITED,
        "HEADGATE_TRAKT_URL": trakt.url,
        "HEADGATE_TRAKT_AUTH_URL": trakt.url,
        "HEADGATE_TRAKT_WRITE_EVERY_S": str(WRITE_EVERY_S * 1.1),
        # So that what was seen is for the history and not for Trakt's own count.
        "HEADGATE_WATCHED_SHARE": "0.6",
    }


def _kills(hub: Hub, mode: Mode) -> list[Kill]:
    def service(name: str, copy: str = "", port: int = 0) -> Kill:
        def kill() -> None:
            hub.kill(name + copy)
            _start(hub, name, copy, port)
            hub.wait_ready(f"http://127.0.0.1:{port}" if port else "")

        return kill

    if mode == "embedded":
        return [service("hub")]
    port = free_port()
    _start(hub, "sync", "2", port)
    hub.wait_ready(f"http://127.0.0.1:{port}")
    return [service("sync"), service("sync", "2", port)]


def _start(hub: Hub, name: str, copy: str, port: int) -> None:
    first = hub.environment
    if port:
        hub.environment = {**first, "HEADGATE_SYNC_PORT": str(port)}
    try:
        hub.start(name, copy=copy)
    finally:
        hub.environment = first


async def _course(hub: Hub, trakt: FakeTrakt, kills: Sequence[Kill], course: Course) -> tuple[int, str]:
    tokens = await asyncio.to_thread(lambda: members(hub.url, owner.sign_in(hub.url), ACCOUNTS))
    async with make_session(limit=0, limit_per_host=0) as session:
        watchers = await asyncio.gather(
            *(_connected(session, hub.url, trakt, token, f"w{n}") for n, token in enumerate(tokens))
        )
        for number in range(FILMS):
            trakt.titles.movie(f"Film {number}", 2000, imdb=_film(number))
        began = time.perf_counter()
        async with _trouble(hub, trakt, kills, course):
            await asyncio.gather(*(_watches(session, hub.url, watcher) for watcher in watchers))
            await _all_told(session, hub.url, trakt, watchers)
        course.seconds = time.perf_counter() - began
        trakt.heal()
        dead = [await _outgoing(session, hub.url, watcher) for watcher in watchers]
    wrong = sum(_wrong(trakt, watcher) for watcher in watchers)
    telling = f"{trakt.calls['POST /sync/history']:,} writes to the history, {trakt.reads:,} reads"
    return wrong + sum(one["undelivered"] + one["dropped"] for one in dead), telling


async def _connected(session: ClientSession, base: str, trakt: FakeTrakt, token: str, name: str) -> Watcher:
    address = f"{base}/api/v1/connections/trakt"
    begun = await _ask(session, "POST", address, token, {"client_id": CLIENT_ID, "client_secret": "secret-1"})
    trakt.signing.approve(begun["waiting"]["user_code"], trakt.person(name))

    async def connected() -> bool:
        return bool((await _ask(session, "GET", address, token))["state"] == "connected")

    await until(connected)
    return Watcher(name, token, datetime.now(UTC))


async def _watches(session: ClientSession, base: str, watcher: Watcher) -> None:
    """Tells of all plays as a player that had no line, until each is acknowledged."""
    first, second = watcher.since + timedelta(seconds=1), watcher.since + timedelta(seconds=5)
    again = range(SCROBBLED, SCROBBLED + PLAYS // ACCOUNTS - FILMS)
    items: list[dict[str, Any]] = []
    for number, at in [*((n, first) for n in range(FILMS)), *((n, second) for n in again)]:
        film, is_scrobbled = _film(number), number < SCROBBLED
        items.append(_report(film, at - timedelta(milliseconds=100), 0.1))
        items.append(_report(film, at, 0.95 if is_scrobbled else 0.7))
        if is_scrobbled:
            watcher.scrobbled.add(film)
        else:
            watcher.played[film, int(at.timestamp())] += 1
    # Nothing is told before it has happened.
    await asyncio.sleep(max(0.0, (second - datetime.now(UTC)).total_seconds()))
    for begin in range(0, len(items), AT_ONCE):
        await _acknowledged(session, base, watcher.token, items[begin : begin + AT_ONCE])


def _report(film: str, at: datetime, share: float) -> dict[str, Any]:
    return {
        "video_id": film,
        "type": "movie",
        "position_s": FILM_S * share,
        "duration_s": FILM_S,
        "at": at.isoformat(),
    }


async def _acknowledged(session: ClientSession, base: str, token: str, items: list[dict[str, Any]]) -> None:
    while True:
        with suppress(aiohttp.ClientError, TimeoutError, KeyError):
            told = await _ask(session, "POST", f"{base}/api/v1/progress", token, {"items": items})
            if all(one["outcome"] != "refused" for one in told["items"]):
                return
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _trouble(hub: Hub, trakt: FakeTrakt, kills: Sequence[Kill], course: Course) -> AsyncIterator[None]:
    """While inside, processes are killed and Trakt does what servers do."""
    chance, over = random.Random(SEED), asyncio.Event()

    async def rests(between: tuple[float, float]) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), chance.uniform(*between))
        return not over.is_set()

    async def killing() -> None:
        while await rests(BETWEEN_KILLS_S):
            await asyncio.to_thread(chance.choice(kills))
            course.kills += 1

    async def failing() -> None:
        while await rests((LOOK_S, LOOK_S)):
            if any(not fault.shown for fault in trakt.faults if fault.on.startswith("POST")):
                continue
            name, status, acted, headers = chance.choice(FAULTS)
            well = chance.randint(*BETWEEN_FAULTS)
            fault = trakt.fail(status, on="POST /s", after=well, acted=acted, headers=headers)
            course.faults.append((name, fault))
            if acted:
                # What is looked for then can't be read either.
                status, headers = chance.choice(UNREAD)
                unread = trakt.fail(status, on="GET /sync/history", headers=headers)
                course.faults.append(("history not to be read", unread))

    async with asyncio.TaskGroup() as group:
        group.create_task(killing())
        group.create_task(failing())
        try:
            yield
        finally:
            over.set()


FAULTS: tuple[tuple[str, int, bool, dict[str, str] | None], ...] = (
    ("cut off after it acted", 0, True, None),
    ("cut off after it acted", 0, True, None),
    ("no answer after it acted", -1, True, None),
    ("cut off before", 0, False, None),
    ("503 after it acted", 503, True, None),
    ("503 before", 503, False, None),
    ("429 with a time", 429, False, {"Retry-After": "1"}),
    ("429 without", 429, False, None),
)


UNREAD: tuple[tuple[int, dict[str, str] | None], ...] = ((0, None), (503, None), (429, {"Retry-After": "1"}))


async def _all_told(session: ClientSession, base: str, trakt: FakeTrakt, watchers: Sequence[Watcher]) -> None:
    """Returns when all is there, or nothing waits any more."""
    quiet_since = 0.0

    async def told() -> bool:
        nonlocal quiet_since
        if not sum(_wrong(trakt, watcher) for watcher in watchers):
            return True
        with suppress(aiohttp.ClientError, TimeoutError, KeyError):
            views = [await _outgoing(session, base, watcher) for watcher in watchers]
            if any(view["waiting"] for view in views):
                quiet_since = 0.0
            elif not quiet_since:
                quiet_since = time.perf_counter()
        return bool(quiet_since) and time.perf_counter() - quiet_since > QUIET_S

    await until(told, limit_s=ENDS_S, every_s=1.0)


async def _outgoing(session: ClientSession, base: str, watcher: Watcher) -> Any:
    return await _ask(session, "GET", f"{base}/api/v1/connections/trakt/outgoing", watcher.token)


def _wrong(trakt: FakeTrakt, watcher: Watcher) -> int:
    """Plays that are missing or too many."""
    there, scrobbled = Counter[tuple[str, int]](), Counter[str]()
    for play in trakt.person(watcher.name).plays:
        imdb = str(getattr(play.item, "imdb", ""))
        if imdb in watcher.scrobbled:
            scrobbled[imdb] += 1
        else:
            there[imdb, play.at_ms // 1000] += 1
    wrong = (there - watcher.played).total() + (watcher.played - there).total()
    expected = Counter(watcher.scrobbled)
    return wrong + (scrobbled - expected).total() + (expected - scrobbled).total()


async def _ask(
    session: ClientSession, method: str, url: str, token: str, body: dict[str, Any] | None = None
) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    async with session.request(method, url, json=body, headers=headers) as answer:
        told = await answer.json()
        if answer.status >= 400:
            raise KeyError(f"{method} {url}: {answer.status} {told}")
        return told


def _film(number: int) -> str:
    return f"tt{number + 1_000_000}"

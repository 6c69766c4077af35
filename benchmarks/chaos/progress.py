"""kill -9 of whoever keeps progress, at random moments: what players were told is kept is there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.progress import members
from libs.common.http import ClientSession, make_session
from tests.harness.hub import UNLIMITED, Hub, Mode, running
from tests.servers import PostgresServer, RedisServer, postgres_server, redis_server

WRITES = 20_000
WRITERS = 64
ACCOUNTS = 8
BETWEEN_S = (1.0, 5.0)
FILM_S = 7200.0
SEED = 6
PAGE = 100
ASK_S = 30.0
RESTARTS = 10
MODES: tuple[Mode, ...] = ("embedded", "split")
Kill = Callable[[], None]


@dataclass
class Acknowledged:
    """What players were told is kept: of new videos their place, of one that goes on the furthest."""

    new: dict[tuple[str, str], float] = field(default_factory=dict)
    furthest: dict[tuple[str, str], float] = field(default_factory=dict)
    writes: int = 0
    refused: int = 0
    kills: int = 0


def measure() -> list[Figure]:
    return [_measured(mode) for mode in MODES]


def _measured(mode: Mode) -> Figure:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = dict(UNLIMITED)
        stores: tuple[RedisServer, PostgresServer] | None = None
        if mode == "split":
            stores = stack.enter_context(redis_server()), stack.enter_context(postgres_server())
            environment["HEADGATE_REDIS_URL"] = stores[0].url
            environment["HEADGATE_DATABASE_URL"] = stores[1].new_database()
        hub = stack.enter_context(running(mode, environment, folder))
        tokens = members(hub.url, owner.sign_in(hub.url), ACCOUNTS)
        told, lost = asyncio.run(_course(hub, tokens, _kills(hub, stores)))
    whom = "the hub" if stores is None else "streaming, Redis or PostgreSQL"
    note = (
        f"of {told.writes:,} acknowledged, {WRITERS} players at once, all read back; {told.kills} times"
        f" kill -9 of {whom} at random moments, {told.refused:,} reports not acknowledged"
    )
    return Figure(f"acknowledged progress lost, {mode}", lost, "", "at most", 0, note)


async def _course(hub: Hub, tokens: Sequence[str], kills: Sequence[Kill]) -> tuple[Acknowledged, int]:
    told, written = Acknowledged(), asyncio.Event()
    async with make_session(limit=0, limit_per_host=0) as session:
        async with asyncio.TaskGroup() as killing:
            killing.create_task(_killing(kills, told, written))
            async with asyncio.TaskGroup() as writing:
                for number in range(WRITERS):
                    token = tokens[number % len(tokens)]
                    writing.create_task(_writes(session, hub.url, token, number, told))
            written.set()
        await asyncio.to_thread(hub.wait_ready)
        return told, await _lost(session, hub.url, told)


async def _killing(kills: Sequence[Kill], told: Acknowledged, written: asyncio.Event) -> None:
    chance = random.Random(SEED)
    while not written.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(written.wait(), chance.uniform(*BETWEEN_S))
            return
        await asyncio.to_thread(chance.choice(kills))
        told.kills += 1


async def _writes(session: ClientSession, base: str, token: str, writer: int, told: Acknowledged) -> None:
    """A film that goes on, and between its reports ever new ones."""
    number = 0
    while told.writes < WRITES:
        number += 1
        is_new = number % 2 == 0
        video = f"tt{writer:03}{number:06}" if is_new else f"tt9{writer:03}"
        position_s = float(number % int(FILM_S * 0.8)) + 1
        if not await _report(session, base, token, video, position_s):
            told.refused += 1
            await asyncio.sleep(0.1)
            continue
        told.writes += 1
        kept = told.new if is_new else told.furthest
        kept[token, video] = position_s


async def _report(session: ClientSession, base: str, token: str, video: str, position_s: float) -> bool:
    body = {"position_s": position_s, "duration_s": FILM_S}
    try:
        async with session.post(f"{base}/api/v1/progress/{video}", json=body, headers=_as(token)) as answer:
            await answer.read()
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _lost(session: ClientSession, base: str, told: Acknowledged) -> int:
    """New videos are looked for in lists, where the tables are read; the others are asked for one by one."""
    listed: dict[tuple[str, str], float] = {}
    for token in {token for token, _ in told.new}:
        cursor = ""
        while cursor is not None:
            query = f"limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
            async with session.get(f"{base}/api/v1/viewing/continue?{query}", headers=_as(token)) as answer:
                page = await answer.json()
            listed |= {(token, item["video_id"]): item["position_s"] for item in page["items"]}
            cursor = page["next_cursor"]
    lost = sum(listed.get(key) != position_s for key, position_s in told.new.items())
    for (token, video), position_s in told.furthest.items():
        async with session.get(f"{base}/api/v1/progress/{video}", headers=_as(token)) as answer:
            found = await answer.json()
        # One that was not acknowledged may have been written all the same.
        lost += found.get("position_s", 0) < position_s
    return lost


def _kills(hub: Hub, stores: tuple[RedisServer, PostgresServer] | None) -> list[Kill]:
    def service(name: str) -> Kill:
        def kill() -> None:
            hub.kill(name)
            hub.start(name)
            hub.wait_ready()

        return kill

    if stores is None:
        return [service("hub")]
    redis, postgres = stores

    def kill_redis() -> None:
        redis.kill()
        redis.start()

    def kill_postgres() -> None:
        # The first of its processes; the others end by themselves when they see it gone.
        pid = int((postgres.directory / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        for _ in range(RESTARTS):
            with suppress(RuntimeError):  # the others hold its memory for a moment longer
                postgres.start()
                break
        hub.wait_ready()

    return [service("streaming"), kill_redis, kill_postgres]


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}

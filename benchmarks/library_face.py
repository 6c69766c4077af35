"""125,000 films listed to an IPTV app by a whole hub, held against serialising them from memory."""

from __future__ import annotations

import asyncio
import http.client
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import msgspec

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.imdb import watch
from benchmarks.load import call
from libs.common.clock import SystemClock
from libs.common.db import Value, open_database
from libs.titles.folding import fold
from services.catalog.store.library.items import COLUMNS
from tests.harness.hub import SECRET, UNLIMITED, Hub, running
from tests.servers import postgres_server

FILMS = 125_000
CATEGORIES = 300
ROUNDS = 5
KEPT_WITHIN_S = 60.0
PIECE_BYTES = 1024 * 1024
Engine = Literal["SQLite", "PostgreSQL"]


@dataclass(frozen=True)
class Took:
    """Seconds till the last byte, and of the hub's processor."""

    clock_s: float
    processor_s: float


@dataclass(frozen=True)
class Seen:
    """`grown_mb` is what the hub held more at its most than when idle."""

    live: Took
    first: Took
    packed: Took
    plain: Took
    live_grown_mb: float
    grown_mb: float
    body: bytes


def measure() -> list[Figure]:
    figures = list[Figure]()
    engines: tuple[Engine, ...] = ("SQLite", "PostgreSQL")
    for engine in engines:
        figures += _figures(engine, _seen(engine))
    return figures


def _figures(engine: Engine, seen: Seen) -> list[Figure]:
    rows: list[Any] = msgspec.json.decode(seen.body)
    floor_s = min(_timed(lambda: msgspec.json.encode(rows)) for _ in range(ROUNDS))
    what = (
        f"{len(rows):,} films, {len(seen.body) / 1e6:.0f} MB of JSON, serialised in {floor_s * 1000:.0f} ms"
    )

    def share(name: str, took: Took) -> Figure:
        note = (
            f"{took.clock_s * 1000:.0f} ms to the last byte, {took.processor_s * 1000:.0f} of the hub's"
            f" processor; {what}"
        )
        return Figure(f"{name}, {engine}", took.clock_s / floor_s, "×", "at most", 3, note)

    def memory(name: str, grown_mb: float) -> Figure:
        return Figure(
            f"memory for {name}, {engine}", grown_mb, "MB", "at most", 40, "resident, above the idle hub"
        )

    return [
        share("Xtream list as most apps ask for it (gzip)", seen.packed),
        share("the same unpacked", seen.plain),
        share("the first that a hub just started is asked for", seen.first),
        memory("these", seen.grown_mb),
        # Made of rows in the database while it is sent: the first sync has not ended.
        share("one that isn't made yet", seen.live),
        memory("that", seen.live_grown_mb),
    ]


def _seen(engine: Engine) -> Seen:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {**UNLIMITED, "HEADGATE_SECRET_KEY": SECRET}
        url = f"sqlite:///{place}/data/catalog.db"
        if engine == "PostgreSQL":
            url = stack.enter_context(postgres_server()).new_database()
            environment["HEADGATE_DATABASE_URL"] = url
        with running("embedded", environment, place) as hub:
            token = owner.sign_in(hub.url)
            me: Any = call("GET", f"{hub.url}/api/v1/me", token=token)
            asyncio.run(_fill(url, me["account"]["id"], me["profile"]["id"]))
            asked = _address(me["xtream"], "get_vod_streams")
            pid = hub.processes["hub"].pid
            idle_mb = _idle_mb(hub, _address(me["xtream"], "get_vod_categories"))
            with watch.memory(pid) as live_peak:
                live = _took(pid, lambda: _asked(hub.url, asked, packed=True))
            live_grown_mb = live_peak[0] - idle_mb
            asyncio.run(_kept(url))
        with running("embedded", environment, place) as hub:
            pid = hub.processes["hub"].pid
            idle_mb = _idle_mb(hub, _address(me["xtream"], "get_vod_categories"))
            with watch.memory(pid) as peak:
                first = _took(pid, lambda: _asked(hub.url, asked, packed=True))
                packed = _best(pid, lambda: _asked(hub.url, asked, packed=True))
                plain = _best(pid, lambda: _asked(hub.url, asked, packed=False))
            body = _asked(hub.url, asked, packed=False, keep=True)
        return Seen(live, first, packed, plain, live_grown_mb, peak[0] - idle_mb, body)


def _idle_mb(hub: Hub, path: str) -> float:
    """What it holds once it has answered something small."""
    with watch.memory(hub.processes["hub"].pid) as idle:
        _asked(hub.url, path, packed=True)
        time.sleep(4 * watch.LOOK_S)
    return idle[0]


def _address(login: Mapping[str, str], action: str) -> str:
    query = {"username": login["username"], "password": login["password"], "action": action}
    return f"/player_api.php?{urlencode(query)}"


async def _kept(url: str) -> None:
    """Until the list that was just made while it was sent is made to be kept."""
    database = await open_database(url, schema="catalog", clock=SystemClock())
    until = time.perf_counter() + KEPT_WITHIN_S
    while time.perf_counter() < until:
        row = await database.fetch_one("SELECT count(*) AS n FROM library_player_pieces WHERE behind = ''")
        if row is not None and row["n"] == CATEGORIES:
            await database.aclose()
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("the list is still not kept")


def _best(pid: int, done: Callable[[], object]) -> Took:
    return min((_took(pid, done) for _ in range(ROUNDS)), key=lambda took: took.clock_s)


def _took(pid: int, done: Callable[[], object]) -> Took:
    before_s = watch.processor_s(pid)
    return Took(_timed(done), watch.processor_s(pid) - before_s)


def _asked(base: str, path: str, *, packed: bool, keep: bool = False) -> bytes:
    """Read and dropped piece by piece, since a load generator that unpacks would be measured itself."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip" if packed else "identity"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"a list was answered with {answer.status}")
    kept = b"".join(piece for piece in iter(lambda: answer.read(PIECE_BYTES), b"") if keep)
    connection.close()
    return kept


def _timed(done: Callable[[], object]) -> float:
    started = time.perf_counter()
    done()
    return time.perf_counter() - started


async def _fill(url: str, account_id: str, profile_id: str) -> None:
    database = await open_database(url, schema="catalog", clock=SystemClock())
    row = await database.fetch_one(
        "INSERT INTO library_providers"
        " (id, account_id, profile_id, kind, name, host, sealed, address_hash, created_at)"
        " VALUES ('p1', :account, :profile, 'xtream', 'Panel', 'panel.example', :sealed, 'h', 1)"
        " RETURNING number",
        account=account_id,
        profile=profile_id,
        sealed=b"-",
    )
    assert row is not None
    provider = int(row["number"])
    await database.insert_rows(
        "library_categories",
        ("id", "provider", "kind", "panel_id", "name", "position", "items"),
        [
            (number, provider, 2, str(number), f"Films {number}", number, FILMS // CATEGORIES)
            for number in range(1, CATEGORIES + 1)
        ],
    )
    rows = list(_rows(provider))
    for at in range(0, len(rows), 5000):
        await database.insert_rows("library_items", COLUMNS, rows[at : at + 5000])
    await database.execute("ANALYZE library_items")
    await database.aclose()


def _rows(provider: int) -> Iterator[tuple[Value, ...]]:
    for number in range(1, FILMS + 1):
        title = f"The {number % 977} Lobsters of {number}"
        yield (
            number,
            provider,
            2,
            number,
            number,
            f"EN - {title} (20{number % 25:02})",
            title,
            fold(title),
            2000 + number % 25,
            number % 100,
            1_600_000_000 + number,
            # Neighbours at the provider are no neighbours in the table's order by category.
            number * 7919 % CATEGORIES + 1,
            0,
            0,
            None,
            None,
            "",
            f"http://image.example.org/t/p/w600_and_h900_bestv2/{number:032x}.jpg",
            "mkv",
            "",
            "",
            None,
        )

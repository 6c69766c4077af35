"""125,000 films listed to an IPTV app by a whole hub, held against serialising them from memory."""

from __future__ import annotations

import asyncio
import http.client
import tempfile
import time
from collections.abc import Iterator
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
from tests.harness.hub import SECRET, UNLIMITED, running
from tests.servers import postgres_server

FILMS = 125_000
CATEGORIES = 300
ROUNDS = 5
PIECE_BYTES = 1024 * 1024
Engine = Literal["SQLite", "PostgreSQL"]
COLUMNS = (
    "id",
    "provider",
    "kind",
    "panel_id",
    "hash",
    "name",
    "title",
    "sort",
    "year",
    "rating",
    "added",
    "category",
    "language",
    "genres",
    "icon",
    "extension",
    "words",
    "more",
)


@dataclass(frozen=True)
class Seen:
    """Seconds till the last byte. `grown_mb` is what the hub held more at its most than when idle."""

    first_s: float
    packed_s: float
    plain_s: float
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

    def share(name: str, took_s: float) -> Figure:
        note = f"{took_s * 1000:.0f} ms to the last byte; {what}"
        return Figure(f"{name}, {engine}", took_s / floor_s, "×", "at most", 3, note)

    return [
        share("Xtream list as most apps ask for it (gzip)", seen.packed_s),
        share("the same unpacked", seen.plain_s),
        # Made while it is sent, of rows in the database; where a player had asked before, as the sync ends.
        share("the first that anybody asks for", seen.first_s),
        Figure(
            f"memory for it, {engine}", seen.grown_mb, "MB", "at most", 40, "resident, above the idle hub"
        ),
    ]


def _seen(engine: Engine) -> Seen:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {**UNLIMITED, "HEADGATE_SECRET_KEY": SECRET}
        url = f"sqlite:///{place}/data/catalog.db"
        if engine == "PostgreSQL":
            url = stack.enter_context(postgres_server()).new_database()
            environment["HEADGATE_DATABASE_URL"] = url
        hub = stack.enter_context(running("embedded", environment, place))
        me: Any = call("GET", f"{hub.url}/api/v1/me", token=owner.sign_in(hub.url))
        asyncio.run(_fill(url, me["account"]["id"], me["profile"]["id"]))
        login = {name: me["xtream"][name] for name in ("username", "password")}
        asked = f"/player_api.php?{urlencode({**login, 'action': 'get_vod_streams'})}"
        _asked(hub.url, f"{asked}&category_id=1", packed=True)
        pid = hub.processes["hub"].pid
        with watch.memory(pid) as idle:
            time.sleep(4 * watch.LOOK_S)
        with watch.memory(pid) as peak:
            first_s = _timed(lambda: _asked(hub.url, asked, packed=True))
            packed_s = min(_timed(lambda: _asked(hub.url, asked, packed=True)) for _ in range(ROUNDS))
            plain_s = min(_timed(lambda: _asked(hub.url, asked, packed=False)) for _ in range(ROUNDS))
        body = _asked(hub.url, asked, packed=False, keep=True)
        return Seen(first_s, packed_s, plain_s, peak[0] - idle[0], body)


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


def _timed(done: Any) -> float:
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
            f"http://image.example.org/t/p/w600_and_h900_bestv2/{number:032x}.jpg",
            "mkv",
            "",
            "",
        )

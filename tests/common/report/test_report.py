"""What a process tells of itself, asked over HTTP."""

from __future__ import annotations

from pathlib import Path

import msgspec
from pytest_aiohttp import AiohttpClient

from libs.common.contracts.client import SERVICE
from libs.common.db import Database, open_database
from libs.common.db.history import History
from libs.common.db.migrate import upgrade
from libs.common.db.standing import migrations_of
from libs.common.env import Env
from libs.common.errors import Unavailable
from libs.common.identity import Identity
from libs.common.metrics import Metrics
from libs.common.report.figures import requests_of
from libs.common.report.reporter import PATH
from libs.common.report.statements import Statements
from libs.common.reports import MigrationsReport, ProcessReport
from libs.common.web import HEALTH
from tests.common.web.service import endpoint, service, signed
from tests.fakes.clock import ManualClock


async def test_a_service_tells_of_its_parts_its_requests_and_its_settings(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    app = service(tmp_path, clock, [endpoint()])

    async def away() -> None:
        raise Unavailable("It is away.")

    app[HEALTH].add("database", away)
    client = await aiohttp_client(app)
    asked = signed(tmp_path, clock, SERVICE)
    await client.get("/internal/state", headers=asked)
    report = msgspec.json.decode(await (await client.get(PATH, headers=asked)).read(), type=ProcessReport)
    assert report.service == "auth"
    assert [(one.name, one.status, one.problem) for one in report.checks] == [
        ("database", "fail", "It is away.")
    ]
    assert (report.requests.requests, report.requests.failures) == (1, 0)
    told = {one.name: one for one in report.settings}
    assert (told["HEADGATE_SECRET_KEY"].value, told["HEADGATE_SECRET_KEY"].is_default) == ("set", False)
    assert told["HEADGATE_DATABASE_URL"].value == "not set"
    assert (told["HEADGATE_MAX_IN_FLIGHT"].value, told["HEADGATE_MAX_IN_FLIGHT"].is_default) == ("2000", True)


async def test_nobody_but_services_is_told(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    owner = signed(tmp_path, clock, Identity("acc1", "pro1", "premium", ("owner",)))
    assert (await client.get(PATH)).status == 403
    assert (await client.get(PATH, headers=owner)).status == 403


def test_texts_are_told_as_set_or_not_whatever_they_are_called() -> None:
    env = Env({"A_TEXT": "hunter2", "A_LIST": "10.0.0.0/8", "A_PARSED": "hunter2", "A_NUMBER": "7"})
    env.text("A_TEXT")
    env.text("UNSET")
    env.networks("A_LIST")
    env.parsed("A_PARSED", "x", str, "a text")
    env.integer("A_NUMBER", 5)
    env.flag("A_FLAG", True)
    assert {one.name: one.value for one in env.told()} == {
        "A_TEXT": "set",
        "UNSET": "not set",
        "A_LIST": "set",
        "A_PARSED": "set",
        "A_NUMBER": "7",
        "A_FLAG": "true",
    }


def test_requests_are_counted_with_their_failures_and_times() -> None:
    metrics = Metrics("auth")
    assert requests_of(metrics).p95_ms == 0
    seconds = metrics.histogram("http_request_seconds", "Time", ("method", "route", "status"))
    for status, took_s, times in (("200", 0.004, 90), ("404", 0.02, 5), ("503", 0.2, 5)):
        for _ in range(times):
            seconds.labels("GET", "/x", status).observe(took_s)
    told = requests_of(metrics)
    assert (told.requests, told.failures, told.mean_ms) == (100, 5, 14.6)
    assert told.p95_ms == 25.0


async def test_how_far_the_tables_are_is_read_from_them(database_url: str, clock: ManualClock) -> None:
    await upgrade(database_url, service="sync")
    book = Statements()
    database = await open_database(database_url, schema="sync", clock=clock, statements=book)
    try:
        history = History.of("sync")
        assert await migrations_of(database, history) == MigrationsReport(
            current=history.head, head=history.head, pending=0
        )
        assert [one.times for one in book.told()] == [1]
        await _set_back(database)
        assert (await migrations_of(database, history)).pending == len(history.revisions) - 1
    finally:
        await database.aclose()


async def _set_back(database: Database) -> None:
    await database.execute("UPDATE sync_version SET version_num = '0001'")

"""The state of the hub and its diagnostics, through a real gateway."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest
from aiohttp import web

from libs.common.contracts.standing import CONNECTIONS_PATH, SOURCES_PATH
from libs.common.reports import (
    CheckReport,
    EventReport,
    MigrationsReport,
    ProcessReport,
    RequestsReport,
    SettingReport,
)
from libs.common.states import BreakerState, HubState, LoadState, ProcessState
from services.gateway import hub_state
from services.gateway.diagnostics import Diagnostics
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import NAMES, OWNER, SECRET, STRANGER, Canned, Inner
from tests.servers import RedisServer

STATE = "/api/v1/admin/state"
DIAGNOSTICS = "/api/v1/admin/diagnostics"


def told(service: str) -> ProcessState:
    return ProcessState(
        service=service,
        instance="host/1",
        version="0.1.0",
        uptime_s=5,
        rss_bytes=1,
        load=LoadState(lag_s=0, in_flight=0, limit=10, limit_max=10),
        breakers=(BreakerState(name="a1", state="open"),),
    )


def all_tell(inner: Inner) -> None:
    async def tell(request: web.Request) -> web.Response:
        service = next(name for name, server in inner.servers.items() if server.port == request.url.port)
        return web.Response(body=msgspec.json.encode(told(service)))

    inner.handlers["/internal/state"] = tell


async def read(client: Client, inner: Inner) -> HubState:
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}
    answer = await client.get(STATE, headers=headers)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    return msgspec.json.decode(await answer.read(), type=HubState)


async def test_the_state_of_every_process_is_gathered(gateway: Client, inner: Inner) -> None:
    all_tell(inner)
    state = await read(gateway, inner)
    assert not state.partial
    assert {process.service for process in state.processes} == {"gateway", *NAMES}
    own = next(process for process in state.processes if process.service == "gateway")
    assert {breaker.name for breaker in own.breakers} == set(NAMES)
    assert {instance.service for instance in own.instances} == set(NAMES)
    assert {cache.name for cache in own.caches} == {"responses", "callers"}
    assert own.load.in_flight == 1


async def test_a_service_that_is_away_is_told_as_missing(gateway: Client, inner: Inner) -> None:
    all_tell(inner)
    await inner.servers["sync"].close()
    state = await read(gateway, inner)
    assert state.partial
    assert [(one.service, bool(one.instance)) for one in state.missing] == [("sync", True)]


async def test_who_is_not_asked_is_told_as_missing(
    gateway: Client, inner: Inner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_state, "MAX_ASKED", 3)
    all_tell(inner)
    state = await read(gateway, inner)
    assert state.partial
    assert len(state.processes) == 1 + 3
    assert [one.reason for one in state.missing] == ["Not asked: there are more than 3 processes."]


async def test_a_service_that_hangs_does_not_hold_up_the_rest(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/state"] = Canned(gate=asyncio.Event())
    async with asyncio.timeout(5):
        state = await read(gateway, inner)
    assert {one.service for one in state.missing} == set(NAMES)
    assert [process.service for process in state.processes] == ["gateway"]


async def test_a_service_of_another_version_is_told_as_missing(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/state"] = Canned(body=b'{"nothing": "known"}')
    state = await read(gateway, inner)
    assert {one.reason for one in state.missing} == {"Its answer was not understood."}


@pytest.mark.parametrize("path", [STATE, DIAGNOSTICS])
async def test_only_administrators_are_told(gateway: Client, inner: Inner, path: str) -> None:
    assert (await gateway.get(path)).status == 401
    stranger = {"Authorization": f"Bearer {inner.access_token(STRANGER)}"}
    assert (await gateway.get(path, headers=stranger)).status == 403


async def test_diagnostics_come_as_a_file_named_by_their_time(gateway: Client, inner: Inner) -> None:
    all_tell(inner)
    inner.canned["/metrics"] = Canned(body=b"headgate_build_info 1\n")
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}
    answer = await gateway.get(DIAGNOSTICS, headers=headers)
    name = r'attachment; filename="headgate-diagnostics-\d{8}-\d{6}\.json"'
    assert re.fullmatch(name, answer.headers["Content-Disposition"])
    made = await answer.json()
    assert made["version"] == "0.1.0"
    assert made["setup"]["log"] == "standard error"
    assert "headgate_event_loop_lag_seconds" in made["metrics"]["gateway"]
    assert len(made["metrics"]) == 1 + len(NAMES)
    assert made["state"]["processes"]


async def test_nothing_secret_is_in_the_diagnostics(
    start: Start, inner: Inner, redis_server: RedisServer, redis_url: str
) -> None:
    all_tell(inner)
    password = "a-password-of-redis"
    hub = await start(
        HEADGATE_REDIS_URL=redis_url,
        HEADGATE_REDIS_CACHE_URL=redis_url.replace("redis://", f"redis://:{password}@"),
        HEADGATE_DATABASE_URL="postgresql://headgate:a-password-of-postgres@127.0.0.1:1/headgate",
    )
    token = inner.access_token(OWNER)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a-key-of-mine"}
    await hub.post("/api/v1/install-token/rotate", headers=headers)
    rotated = next(iter(inner.installs))
    await hub.get(f"/stremio/{rotated}/manifest.json")
    made = await (await hub.get(DIAGNOSTICS, headers=headers)).text()
    for secret in (SECRET, password, "a-password-of-postgres", token, rotated, "a-key-of-mine"):
        assert secret not in made


async def diagnosed(client: Client, inner: Inner) -> Diagnostics:
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}
    return msgspec.json.decode(
        await (await client.get(DIAGNOSTICS, headers=headers)).read(), type=Diagnostics
    )


def all_report(inner: Inner) -> None:
    """Four services of one process, as in an embedded hub."""
    at = inner.clock.now()
    event = EventReport(event="addon_failed", level="warning", logger="x", at=at, first_at=at, times=3)

    async def report(request: web.Request) -> web.Response:
        service = next(name for name, server in inner.servers.items() if server.port == request.url.port)
        told = ProcessReport(
            service=service,
            instance="host/1",
            checks=(CheckReport(name="database", status="pass"),),
            requests=RequestsReport(requests=5, failures=1, mean_ms=2.5, p95_ms=9.0),
            settings=(
                SettingReport(name="HEADGATE_DRAIN_S", value="7", is_default=False),
                SettingReport(name="HEADGATE_SECRET_KEY", value="set", is_default=False),
            ),
            migrations=MigrationsReport(current="0003", head="0004", pending=1),
            events=(event,),
            statements=(),
        )
        return web.Response(body=msgspec.json.encode(told))

    inner.handlers["/internal/report"] = report
    inner.canned[SOURCES_PATH] = Canned(
        body=b'{"addons":[],"addons_in_all":0,"libraries":[],"libraries_in_all":0}'
    )
    inner.canned[CONNECTIONS_PATH] = Canned(body=b'{"items":[],"in_all":0}')


async def test_every_service_reports_and_what_they_share_is_told_once(gateway: Client, inner: Inner) -> None:
    all_tell(inner)
    all_report(inner)
    made = await diagnosed(gateway, inner)
    assert (made.partial, made.missing) == (False, ())
    assert [one.service for one in made.services] == ["auth", "catalog", "gateway", "streaming", "sync"]
    assert made.services[0].migrations == MigrationsReport(current="0003", head="0004", pending=1)
    assert [(one.instance, one.event.times) for one in made.events if one.event.event == "addon_failed"] == [
        ("host/1", 3)
    ]
    settings = {(one.name, one.value): one.services for one in made.settings}
    assert settings["HEADGATE_DRAIN_S", "7"] == NAMES
    assert settings["HEADGATE_DRAIN_S", "0"] == ("gateway",)
    assert settings["HEADGATE_SECRET_KEY", "set"] == tuple(sorted(("gateway", *NAMES)))


async def test_diagnostics_say_who_was_away_and_tell_the_rest(gateway: Client, inner: Inner) -> None:
    all_tell(inner)
    all_report(inner)
    await inner.servers["sync"].close()
    made = await diagnosed(gateway, inner)
    assert made.partial
    assert made.missing == ("report of sync", "connections")
    assert [one.service for one in made.state.missing] == ["sync"]
    assert made.connections is None
    assert made.sources is not None
    assert len(made.services) == len(NAMES)

"""Who was refused last, as an administrator is told."""

from __future__ import annotations

import json

import msgspec

from libs.common.states import HubState, RefusalState
from services.gateway.limits.refusals import MOST, Refusals
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import OWNER, STRANGER, Canned, Inner


async def refusals_of(gateway: Client, inner: Inner) -> list[RefusalState]:
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}
    answer = await gateway.get("/api/v1/admin/state", headers=headers)
    state = msgspec.json.decode(await answer.read(), type=HubState)
    return [one for process in state.processes for one in process.refusals]


def test_as_many_are_kept_and_the_last_comes_first(clock: ManualClock) -> None:
    refusals = Refusals(clock)
    for number in range(MOST + 5):
        refusals.note("anonymous", "address", network=f"192.0.2.{number}")
    latest = refusals.latest()
    assert len(latest) == MOST
    assert latest[0].network == f"192.0.2.{MOST + 4}"


def test_a_program_gone_wild_hides_nobody(clock: ManualClock) -> None:
    refusals = Refusals(clock)
    refusals.note("free", "account", account_id="acc1")
    began = clock.now()
    for _ in range(1000):
        clock.advance(1)
        refusals.note("free", "account", account_id="acc2")
    wild, other = refusals.latest()
    assert (wild.account_id, wild.times, wild.at) == ("acc2", 1000, clock.now())
    assert (other.account_id, other.times, other.at) == ("acc1", 1, began)


async def test_an_account_is_told_by_its_id_and_a_stranger_by_its_network(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_LIMIT_ACCOUNT="1/m burst 1", HEADGATE_LIMIT_ANONYMOUS="1/m burst 1")
    inner.canned["/api/v1/titles/1"] = Canned()
    headers = {"Authorization": f"Bearer {inner.access_token(STRANGER)}"}
    for _ in range(3):
        await gateway.get("/api/v1/titles/1", headers=headers)
        await gateway.get("/login")
    told = [
        (one.tier, one.limit, one.account_id, one.network, one.times)
        for one in await refusals_of(gateway, inner)
    ]
    assert told == [
        ("anonymous", "anonymous", "", "127.0.0.1", 2),
        ("free", "account", STRANGER.account_id, "", 2),
    ]


async def test_wrong_passwords_are_told_by_where_they_came_from(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_LIMIT_SIGN_IN="1/m burst 1")
    headers = {"Authorization": f"Bearer {inner.access_token(STRANGER)}"}
    for _ in range(2):
        await gateway.put("/api/v1/me/password", headers=headers, json={})
    (told,) = await refusals_of(gateway, inner)
    assert (told.limit, told.account_id, told.network) == ("sign-in", "", "127.0.0.1")


async def test_what_no_redis_is_asked_about_is_told_too(
    start: Start, inner: Inner, clock: ManualClock
) -> None:
    gateway = await start(HEADGATE_LIMIT_ADDRESS="1/s burst 2")
    for _ in range(3):
        await gateway.get("/nothing")
    clock.advance(60)
    (told,) = await refusals_of(gateway, inner)
    assert (told.limit, told.network) == ("address", "127.0.0.1")


async def test_the_file_for_somebody_who_helps_names_nobody(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_LIMIT_ANONYMOUS="1/m burst 1")
    for _ in range(2):
        await gateway.get("/login")
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}
    assert await refusals_of(gateway, inner)
    made = json.loads(await (await gateway.get("/api/v1/admin/diagnostics", headers=headers)).read())
    assert all(not process["refusals"] for process in made["state"]["processes"])

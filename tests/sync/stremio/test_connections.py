"""Connecting a Stremio account: a password that is kept nowhere, codes, keys that end."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from libs.common.contracts.removals import Removal
from libs.common.contracts.stremio_account import NewStremio, StremioPatch
from libs.common.db import DatabaseUnavailable
from libs.common.deadline import Deadline
from libs.common.errors import RateLimited
from libs.common.identity import Identity
from libs.protocols.stremio_api.client import StremioApi
from libs.protocols.stremio_api.errors import CodePending
from services.sync.errors import AlreadyConnected
from services.sync.sign_ins import AT_ONCE
from services.sync.store.stremio import StremioConnection, StremioStore
from services.sync.stremio.codes import LATER_S
from services.sync.stremio.connections import CODE_EVERY_S, CODE_S, FIRST_ASK_S
from services.sync.stremio.errors import (
    StremioAway,
    StremioLoginRefused,
    StremioNotConnected,
    StremioUnreadable,
)
from tests.fakes.clock import ManualClock
from tests.fakes.stremio_api import FakeStremio
from tests.sync.stremio.parts import ANNA, EVA, PASSWORD, Parts, owner_of, running_parts

HERS = owner_of(ANNA)


async def _everything(parts: Parts) -> str:
    rows = await parts.database.fetch_all("SELECT * FROM stremio_connections")
    return "".join(str(dict(row)) for row in rows)


async def test_a_password_is_exchanged_and_kept_nowhere(parts: Parts) -> None:
    with capture_logs() as logs:
        await parts.connect()
    (key,) = parts.stremio.sessions
    view = await parts.connections.view(HERS)
    assert (view.state, view.name) == ("connected", "anna@example.org")
    assert (view.choices.poll, view.choices.write_back) == (True, False)
    held = await _everything(parts) + str(logs) + repr(await parts.store.of(HERS))
    assert PASSWORD not in held
    assert key not in held
    assert PASSWORD not in repr(NewStremio("a@example.org", PASSWORD))


@pytest.mark.parametrize("email", ["anna@example.org", "nobody@example.org"])
async def test_a_wrong_password_is_told_and_leaves_nothing(parts: Parts, email: str) -> None:
    with pytest.raises(StremioLoginRefused) as caught:
        await parts.connections.connect(HERS, NewStremio(email, "wrong secret"), deadline=parts.within())
    assert "wrong secret" not in str(caught.value) + str(caught.value.fields)
    assert (await parts.connections.view(HERS)).state == "none"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_stremio_that_is_away_is_told(parts: Parts, status: int) -> None:
    parts.stremio.status = status
    with pytest.raises(StremioAway) as caught:
        await parts.connect()
    assert PASSWORD not in str(caught.value)
    with pytest.raises(StremioAway):
        await parts.connections.connect_by_code(HERS, deadline=parts.within())


async def test_a_code_is_asked_about_until_it_is_confirmed(parts: Parts) -> None:
    view = await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert view.waiting is not None
    code = view.waiting.user_code
    assert view.waiting.verification_url == f"{parts.stremio.url}/{code}"
    assert f"'{code}'" not in await _everything(parts)
    await parts.codes.look()
    assert "link/read" not in parts.stremio.methods
    parts.clock.advance(FIRST_ASK_S)
    await parts.codes.look()
    assert (await parts.connections.view(HERS)).state == "waiting"
    parts.stremio.confirm(code)
    await parts.codes.look()
    assert parts.stremio.methods.count("link/read") == 1
    parts.clock.advance(CODE_EVERY_S)
    await parts.codes.look()
    found = await parts.connections.view(HERS)
    assert (found.state, found.name, found.waiting) == ("connected", "anna@example.org", None)


async def test_two_replicas_ask_about_a_code_once(
    parts: Parts, database_url: str, stremio: FakeStremio, clock: ManualClock
) -> None:
    view = await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert view.waiting is not None
    clock.advance(FIRST_ASK_S)
    async with running_parts(database_url, stremio, clock) as other:
        (seen,) = await other.store.due("waiting", now=int(clock.time() * 1000), limit=1)
        await parts.codes.look()
        assert not await other.store.claim(seen, until=int(clock.time() * 1000) + 1)
    assert stremio.methods.count("link/read") == 1


@pytest.mark.parametrize("happens", ["nothing", "used elsewhere"])
async def test_a_code_that_nobody_confirms_ends(parts: Parts, happens: str) -> None:
    view = await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert view.waiting is not None
    if happens == "used elsewhere":
        parts.stremio.end_code(view.waiting.user_code)
    parts.clock.advance(CODE_S)
    await parts.codes.look()
    found = await parts.connections.view(HERS)
    assert found.state == "refused"
    assert found.reason is not None
    assert "not confirmed in time" in found.reason.text
    await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert (await parts.connections.view(HERS)).reason is None


async def test_a_stremio_that_is_away_ends_no_code(parts: Parts) -> None:
    view = await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert view.waiting is not None
    parts.stremio.confirm(view.waiting.user_code)
    parts.stremio.status = 503
    parts.clock.advance(FIRST_ASK_S)
    await parts.codes.look()
    parts.stremio.status = 200
    parts.clock.advance(LATER_S)
    await parts.codes.look()
    assert (await parts.connections.view(HERS)).state == "connected"


async def test_an_account_that_is_not_named_at_first_is_named_when_it_is_used(parts: Parts) -> None:
    view = await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert view.waiting is not None
    parts.stremio.confirm(view.waiting.user_code)
    parts.stremio.failing["getUser"] = 503
    parts.clock.advance(FIRST_ASK_S)
    await parts.codes.look()
    assert (await parts.connections.view(HERS)).name == ""
    parts.stremio.failing.clear()
    async with parts.access.session(HERS) as session:
        assert session.connection.stremio_user
    assert (await parts.connections.view(HERS)).name == "anna@example.org"


async def test_a_key_that_was_revoked_ends_the_connection_in_words(parts: Parts) -> None:
    await parts.connect()
    parts.stremio.revoke()
    with pytest.raises(StremioNotConnected, match="ended this sign-in"):
        await parts.plan()
    found = await parts.connections.view(HERS)
    assert (found.state, found.reason and found.reason.code) == ("refused", "signed_out")
    await parts.connect()
    assert (await parts.connections.view(HERS)).state == "connected"


async def test_one_account_at_a_time(parts: Parts) -> None:
    await parts.connect()
    with pytest.raises(AlreadyConnected):
        await parts.connect()
    with pytest.raises(AlreadyConnected):
        await parts.connections.connect_by_code(HERS, deadline=parts.within())


async def test_disconnecting_ends_the_sign_in_there_if_it_can(parts: Parts) -> None:
    await parts.connect()
    await parts.connections.disconnect(HERS, deadline=parts.within())
    assert parts.stremio.sessions == {}
    assert (await parts.connections.view(HERS)).state == "none"
    await parts.connect()
    parts.stremio.status = 503
    await parts.connections.disconnect(HERS, deadline=parts.within())
    await parts.connections.disconnect(HERS, deadline=parts.within())
    assert (await parts.connections.view(HERS)).state == "none"


async def test_what_is_settled_stays_through_a_new_connection(parts: Parts) -> None:
    with pytest.raises(StremioNotConnected):
        await parts.connections.settle(HERS, StremioPatch(poll=False))
    await parts.connect()
    await parts.connections.settle(HERS, StremioPatch(write_back=True))
    view = await parts.connections.settle(HERS, StremioPatch(poll=False))
    assert (view.choices.poll, view.choices.write_back) == (False, True)
    parts.stremio.revoke()
    with pytest.raises(StremioNotConnected):
        await parts.plan()
    await parts.connect()
    assert (await parts.connections.view(HERS)).choices.write_back


async def test_another_profile_has_none_of_it(parts: Parts) -> None:
    await parts.connect()
    plan = await parts.plan()
    other = owner_of(EVA)
    assert (await parts.connections.view(other)).state == "none"
    assert (await parts.connections.brief(other)).state == "none"
    with pytest.raises(StremioNotConnected):
        await parts.plan(identity=EVA)
    with pytest.raises(StremioNotConnected):
        await parts.connections.settle(other, StremioPatch(poll=False))
    assert (await parts.plans.listed(other)).items == ()
    assert await parts.plan_store.plan(other, plan.id) is None
    await parts.connections.disconnect(other, deadline=parts.within())
    assert (await parts.connections.view(HERS)).state == "connected"


async def test_another_key_of_the_hub_opens_nothing_and_says_so(
    parts: Parts, database_url: str, stremio: FakeStremio, clock: ManualClock
) -> None:
    await parts.connect()
    async with running_parts(database_url, stremio, clock, secret="another-secret-for-tests-" * 2) as other:
        with pytest.raises(StremioUnreadable):
            await other.plan()
        found = await other.connections.view(HERS)
        assert (found.state, found.reason and found.reason.code) == ("refused", "unreadable")


async def test_a_sealed_key_opens_for_nobody_else(parts: Parts) -> None:
    await parts.connect()
    await parts.database.execute("UPDATE stremio_connections SET profile_id = 'eva-p'")
    with pytest.raises(StremioUnreadable):
        await parts.plan(identity=EVA)


@pytest.mark.parametrize("profile", [None, "anna-p"])
async def test_whoever_is_removed_leaves_nothing(parts: Parts, profile: str | None) -> None:
    await parts.connect()
    await parts.apply(await parts.plan())
    removal = Removal(id="r", account_id="anna", profile_id=profile, at=parts.clock.now())
    await parts.connections.forget_owner(removal, parts.within())
    assert parts.stremio.sessions == {}
    for table in ("stremio_connections", "stremio_plans", "stremio_backups", "stremio_items"):
        assert await parts.database.fetch_all(f"SELECT * FROM {table}") == []


async def test_guessing_passwords_is_for_a_few_times_an_account(parts: Parts) -> None:
    async def guess(identity: Identity) -> None:
        with pytest.raises(StremioLoginRefused):
            await parts.connections.connect(
                owner_of(identity), NewStremio("anna@example.org", "guessed"), deadline=parts.within()
            )

    for _ in range(AT_ONCE // 2):
        await guess(ANNA)
        await guess(EVA)
    asked = len(parts.stremio.methods)
    with pytest.raises(RateLimited) as caught:
        await parts.connect(EVA)
    with pytest.raises(RateLimited):
        await parts.connections.connect_by_code(HERS, deadline=parts.within())
    assert len(parts.stremio.methods) == asked, "Stremio hears nothing of it"
    await parts.connect(Identity("other", "other-p"))
    parts.clock.advance(caught.value.retry_after_s or 0.0)
    await parts.connect(EVA)


async def test_codes_are_asked_about_together(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, everyone = [0], asyncio.Event()

    async def hangs(_api: StremioApi, _code: str, *, deadline: Deadline) -> str:
        asked[0] += 1
        if asked[0] == 2:
            everyone.set()
        await everyone.wait()
        raise CodePending("Not yet.")

    monkeypatch.setattr(StremioApi, "read_code", hangs)
    for identity in (ANNA, EVA):
        await parts.connections.connect_by_code(owner_of(identity), deadline=parts.within())
    parts.clock.advance(FIRST_ASK_S)
    async with asyncio.timeout(10):
        await parts.codes.look()
    assert asked == [2]


async def test_the_sign_in_has_ended_before_the_key_is_gone(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await parts.connect()

    async def away(_store: StremioStore, _whose: object) -> list[StremioConnection]:
        raise DatabaseUnavailable("away")

    removal = Removal(id="r1", account_id=ANNA.account_id, at=parts.clock.now())
    with monkeypatch.context() as broken:
        broken.setattr(StremioStore, "remove", away)
        broken.setattr(StremioStore, "remove_owner", away)
        with pytest.raises(DatabaseUnavailable):
            await parts.connections.disconnect(HERS, deadline=parts.within())
        assert not parts.stremio.sessions
        with pytest.raises(DatabaseUnavailable):
            await parts.connections.forget_owner(removal, parts.within())
    assert parts.stremio.methods.count("logout") == 2
    await parts.connections.disconnect(HERS, deadline=parts.within())
    assert (await parts.connections.view(HERS)).state == "none"

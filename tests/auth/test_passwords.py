"""Hashing: argon2id, off the loop, a few at a time, and as much work for nobody as for somebody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.errors import Unavailable
from libs.common.sojourn import STUCK_S, Sojourn
from services.auth import passwords as module
from services.auth.accounts import Accounts
from services.auth.model import Username
from services.auth.passwords import Cost, Passwords
from services.auth.store.accounts import AccountStore
from services.auth.store.attempts import AttemptStore
from services.auth.throttle import LoginThrottle
from tests.auth.conftest import NAME, PASSWORD, Auth
from tests.fakes.clock import ManualClock, settle


def line() -> Sojourn:
    return Sojourn(SystemClock(), module.TARGET_S)


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(Cost(memory_kib=64, passes=2), line=line())
    await made.start()
    yield made
    made.close()


async def test_a_password_is_verified_against_its_hash_only(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify("correct horse", stored)
    assert not await passwords.verify("Correct horse", stored)
    assert not await passwords.verify("correct horse", "damaged")


async def test_nobody_has_no_password_but_costs_the_same_work(passwords: Passwords) -> None:
    assert not await passwords.verify("", None)
    # The same cost as for somebody: the stand-in is a real hash made with the same settings.
    assert not passwords.is_outdated(passwords._nobodys)


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    slow = Passwords(line=line())
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        counting = group.create_task(count())
        await slow.hash("correct horse")
        counting.cancel()
    slow.close()
    assert turns > 10


async def test_a_flood_is_turned_away_instead_of_queued_for_ever(passwords: Passwords) -> None:
    flood = [passwords.hash("correct horse") for _ in range(module.AT_ONCE + module.WAITING + 10)]
    answers = await asyncio.gather(*flood, return_exceptions=True)
    turned_away = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(turned_away) == 10
    assert turned_away[0].retry_after_s == 5


async def test_many_who_sign_in_at_once_stand_in_a_line_that_is_told(clock: ManualClock) -> None:
    """Hashing leaves the loop free, so its lag said nothing while half a hundred people waited."""
    line = Sojourn(clock, module.TARGET_S)
    passwords = Passwords(Cost(memory_kib=64, passes=1), line=line)
    async with asyncio.TaskGroup() as group:
        for _ in range(module.AT_ONCE + 3):
            group.create_task(passwords.hash("correct horse"))
        await settle(1)  # the loop has heard of no thread yet
        assert line.waiting == 3
        line.look()
        clock.advance(STUCK_S)
        line.look()
        assert line.stands
    line.look()
    assert not line.stands
    passwords.close()


async def test_who_is_turned_away_stands_in_no_line(clock: ManualClock) -> None:
    line = Sojourn(clock, module.TARGET_S)
    passwords = Passwords(Cost(memory_kib=64, passes=1), line=line)
    flood = [passwords.hash("correct horse") for _ in range(module.AT_ONCE + module.WAITING + 10)]
    await asyncio.gather(*flood, return_exceptions=True)
    assert line.waiting == 0
    passwords.close()


async def test_a_login_renews_a_hash_of_another_cost(auth: Auth, passwords: Passwords) -> None:
    await auth.set_up()
    store = AccountStore(auth.db, auth.clock)
    accounts = Accounts(store, passwords, LoginThrottle(AttemptStore(auth.db, auth.clock)))
    await accounts.sign_in(NAME, PASSWORD, address="192.0.2.1")
    renewed = await store.account_by_name(Username.of(NAME))
    assert renewed is not None
    assert "m=64,t=2" in renewed.password_hash
    assert (await auth.login()).tokens is not None

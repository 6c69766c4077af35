"""Install tokens: shown again, replaced at will, useless to whoever reads the database."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.errors import Unauthenticated
from libs.common.identity import Identity
from tests.auth.conftest import Auth, Start


async def owner_of(auth: Auth) -> Identity:
    account = await auth.set_up()
    return Identity(account.id, account.profile_id, account.tier, account.roles)


async def who(auth: Auth, token: str) -> Identity | None:
    return (await auth.client.resolve("install-tokens", token, deadline=auth.deadline)).identity


async def test_the_token_is_made_once_and_shown_again(auth: Auth) -> None:
    owner = await owner_of(auth)
    first = await auth.client.install_token(owner, deadline=auth.deadline)
    auth.clock.advance(3600)
    assert await auth.client.install_token(owner, deadline=auth.deadline) == first
    assert len(first.token) == 43  # 32 random bytes
    assert await who(auth, first.token) == owner


async def test_calls_at_the_same_moment_show_one_token(start: Start) -> None:
    replicas = [await start(), await start()]
    owner = await owner_of(replicas[0])
    shown = await asyncio.gather(
        *(replicas[n % 2].client.install_token(owner, deadline=replicas[0].deadline) for n in range(6))
    )
    assert len({token.token for token in shown}) == 1


async def test_rotating_ends_the_old_token(auth: Auth) -> None:
    owner = await owner_of(auth)
    old = await auth.client.install_token(owner, deadline=auth.deadline)
    new = await auth.client.rotate_install_token(owner, deadline=auth.deadline)
    assert new.token != old.token
    assert await who(auth, old.token) is None
    assert await who(auth, new.token) == owner
    assert await auth.client.install_token(owner, deadline=auth.deadline) == new
    assert {"install_token_created", "install_token_rotated"} <= set(await auth.audited())


async def test_rotations_at_the_same_moment_leave_one_that_works(start: Start) -> None:
    replicas = [await start(), await start()]
    owner = await owner_of(replicas[0])
    made = await asyncio.gather(
        *(replicas[n % 2].client.rotate_install_token(owner, deadline=replicas[0].deadline) for n in range(6))
    )
    working = [token for token in {one.token for one in made} if await who(replicas[0], token) is not None]
    assert len(working) == 1


async def test_the_database_alone_does_not_give_the_token_away(auth: Auth) -> None:
    owner = await owner_of(auth)
    token = (await auth.client.install_token(owner, deadline=auth.deadline)).token
    for table in ("install_tokens", "audit_log"):
        rows = [dict(row) for row in await auth.db.fetch_all(f"SELECT * FROM {table}")]
        assert rows
        assert token not in repr(rows)


@pytest.mark.parametrize("token", ["", "nothing", "☃", "x" * 20_000])
async def test_an_unknown_token_is_nobody(auth: Auth, token: str) -> None:
    assert await who(auth, token) is None


async def test_nobody_has_no_token(auth: Auth) -> None:
    with pytest.raises(Unauthenticated):
        await auth.client.install_token(Identity(), deadline=auth.deadline)

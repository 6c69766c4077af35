"""Page sessions: opaque, hashed at rest, alive while used."""

from __future__ import annotations

import pytest

from libs.common.contracts.auth import LogoutRequest
from libs.common.identity import Identity
from libs.common.secrets import hash_token
from tests.auth.conftest import Auth

DAY_S = 86_400


async def begin(auth: Auth) -> str:
    result = await auth.login(kind="web")
    assert result.tokens is None
    assert result.session_token is not None
    return result.session_token


async def who(auth: Auth, token: str) -> Identity | None:
    return (await auth.client.resolve("sessions", token, deadline=auth.deadline)).identity


async def test_a_session_says_who_is_signed_in(auth: Auth) -> None:
    owner = await auth.set_up()
    token = await begin(auth)
    found = await who(auth, token)
    assert found is not None
    assert found.session_id
    expected = Identity(owner.id, owner.profile_id, "premium", ("owner",), session_id=found.session_id)
    assert found == expected


async def test_only_its_hash_is_stored(auth: Auth) -> None:
    await auth.set_up()
    token = await begin(auth)
    rows = await auth.db.fetch_all("SELECT * FROM sessions")
    assert bytes(rows[0]["token_hash"]) == hash_token(token)
    assert token not in repr([dict(row) for row in rows])


async def test_a_session_lives_30_days_after_its_last_use(auth: Auth) -> None:
    await auth.set_up()
    token = await begin(auth)
    for _ in range(3):
        auth.clock.advance(29 * DAY_S)
        assert await who(auth, token) is not None
    auth.clock.advance(30 * DAY_S)
    assert await who(auth, token) is None


async def test_signing_out_ends_this_session_only(auth: Auth) -> None:
    await auth.set_up()
    one, other = await begin(auth), await begin(auth)
    for _ in range(2):
        await auth.client.logout(LogoutRequest(session_token=one), deadline=auth.deadline)
    assert await who(auth, one) is None
    assert await who(auth, other) is not None


@pytest.mark.parametrize("token", ["", "hgs_nothing", "☃", "x" * 20_000])
async def test_an_unknown_session_is_nobody(auth: Auth, token: str) -> None:
    assert await who(auth, token) is None

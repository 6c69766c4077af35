"""API keys: shown once, kept as hashes, good for what they were made for and no longer."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from libs.common.contracts.accounts import MAX_API_KEYS, ApiKeyMade, NewApiKey, NewPassword, Scope
from libs.common.errors import Conflict, Forbidden, NotFound
from libs.common.identity import Identity
from libs.common.secrets import hash_token
from tests.auth.conftest import PASSWORD, Auth

DAY_S = 86_400


async def made(auth: Auth, by: Identity, *scopes: Scope, days: int | None = None) -> ApiKeyMade:
    wanted = NewApiKey(name="Kodi", scopes=scopes or ("read",), expires_in_days=days)
    return await auth.accounts.create_api_key(by, wanted, deadline=auth.deadline)


async def who(auth: Auth, key: str) -> Identity | None:
    return (await auth.client.resolve("api-keys", key, deadline=auth.deadline)).identity


async def test_a_key_says_whom_it_acts_for_and_what_it_may(auth: Auth) -> None:
    bob_of = await auth.owner()
    key = await made(auth, bob_of, "write", "read", "read")
    assert key.key.startswith(key.prefix)
    assert len(key.prefix) < 12
    identity = await who(auth, key.key)
    assert identity == Identity(
        bob_of.account_id,
        bob_of.profile_id,
        "api",
        ("member",),
        key_id=key.id,
        scopes=("read", "write"),
    )


async def test_only_the_scope_admin_keeps_the_role(auth: Auth) -> None:
    owner = await auth.owner()
    identity = await who(auth, (await made(auth, owner, "read", "admin")).key)
    assert identity is not None
    assert identity.roles == ("owner",)


async def test_only_its_hash_is_stored_and_it_is_shown_once(auth: Auth) -> None:
    owner = await auth.owner()
    key = await made(auth, owner)
    rows = await auth.db.fetch_all("SELECT * FROM api_keys")
    assert bytes(rows[0]["key_hash"]) == hash_token(key.key)
    assert key.key not in repr([dict(row) for row in rows])
    listed = await auth.accounts.list_api_keys(owner, deadline=auth.deadline)
    assert key.key not in msgspec.json.encode(listed).decode()
    assert [one.id for one in listed.items] == [key.id]


async def test_a_key_ends_with_its_days(auth: Auth) -> None:
    owner = await auth.owner()
    key = await made(auth, owner, days=1)
    resolved = await auth.client.resolve("api-keys", key.key, deadline=auth.deadline)
    assert resolved.lives_s == DAY_S
    auth.clock.advance(DAY_S)
    assert await who(auth, key.key) is None
    lasting = await made(auth, owner)
    auth.clock.advance(5000 * DAY_S)
    assert await who(auth, lasting.key) is not None


async def test_a_revoked_key_is_nobodys(auth: Auth) -> None:
    owner = await auth.owner()
    key = await made(auth, owner)
    await auth.accounts.revoke_api_key(owner, key.id, deadline=auth.deadline)
    assert await who(auth, key.key) is None
    with pytest.raises(NotFound):
        await auth.accounts.revoke_api_key(owner, key.id, deadline=auth.deadline)


async def test_its_last_use_is_kept_to_the_minute(auth: Auth) -> None:
    owner = await auth.owner()
    key = await made(auth, owner)
    await who(auth, key.key)
    first = (await auth.accounts.list_api_keys(owner, deadline=auth.deadline)).items[0].last_used_at
    assert first is not None
    auth.clock.advance(61)
    await who(auth, key.key)
    second = (await auth.accounts.list_api_keys(owner, deadline=auth.deadline)).items[0].last_used_at
    assert second is not None
    assert second > first


async def test_there_are_only_so_many(auth: Auth) -> None:
    owner = await auth.owner()
    answers: list[Any] = await asyncio.gather(
        *(made(auth, owner) for _ in range(MAX_API_KEYS + 3)), return_exceptions=True
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


async def test_a_key_makes_no_keys_and_changes_no_password(auth: Auth) -> None:
    owner = await auth.owner()
    identity = await who(auth, (await made(auth, owner, "write", "admin")).key)
    assert identity is not None
    with pytest.raises(Forbidden) as refused:
        await made(auth, identity)
    assert refused.value.code == "password_needed"
    wanted = NewPassword(current_password=PASSWORD, new_password="quite another password")
    with pytest.raises(Forbidden):
        await auth.accounts.change_password(identity, wanted, deadline=auth.deadline)


async def test_keys_of_another_account_or_profile_are_not_there(auth: Auth) -> None:
    owner = await auth.owner()
    key = await made(auth, owner)
    bob = await auth.member()
    kids = await auth.accounts.create_profile(owner, "Kids", deadline=auth.deadline)
    as_kids = msgspec.structs.replace(owner, profile_id=kids.id)
    for stranger in (bob, as_kids):
        assert (await auth.accounts.list_api_keys(stranger, deadline=auth.deadline)).items == ()
        with pytest.raises(NotFound):
            await auth.accounts.revoke_api_key(stranger, key.id, deadline=auth.deadline)
    assert await who(auth, key.key) is not None


@pytest.mark.parametrize("key", ["", "hgk_nothing", "☃", "x" * 20_000])
async def test_an_unknown_key_is_nobodys(auth: Auth, key: str) -> None:
    assert await who(auth, key) is None


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "x" * 65, "scopes": ["read"]},
        {"name": "key", "scopes": []},
        {"name": "key", "scopes": ["owner"]},
        {"name": "key", "scopes": ["read"], "expires_in_days": 0},
        {"name": "key", "scopes": ["read"], "expires_in_days": 99_999},
        {"name": "a\u200bb", "scopes": ["read"]},
    ],
)
async def test_a_wish_that_is_out_of_bounds_is_refused(auth: Auth, body: dict[str, Any]) -> None:
    owner = await auth.owner()
    assert await auth.status("POST", "/api/v1/api-keys", owner, body) == 422

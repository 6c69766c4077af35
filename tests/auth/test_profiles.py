"""Profiles: as many as a household needs, each account its own."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from libs.common.contracts.accounts import MAX_PROFILES, NewApiKey
from libs.common.errors import Conflict, InvalidInput, NotFound
from libs.common.identity import Identity
from tests.auth.conftest import Auth
from tests.auth.test_tokens import pair, who


async def now(auth: Auth, identity: Identity, kind: str = "sessions") -> Identity | None:
    """Whom the identity's session speaks for, as the database has it."""
    table = "sessions" if kind == "sessions" else "refresh_families"
    row = await auth.db.fetch_one(
        f"SELECT profile_id FROM {table} WHERE id = :id",
        id=identity.session_id,
    )
    return msgspec.structs.replace(identity, profile_id=str(row["profile_id"])) if row else None


async def test_profiles_are_added_renamed_and_listed(auth: Auth) -> None:
    owner = await auth.owner()
    made = await auth.accounts.create_profile(owner, " Kids ", deadline=auth.deadline)
    assert (made.name, made.is_default) == ("Kids", False)
    renamed = await auth.accounts.rename_profile(owner, made.id, "Children", deadline=auth.deadline)
    listed = (await auth.accounts.list_profiles(owner, deadline=auth.deadline)).items
    assert [(profile.name, profile.is_default) for profile in listed] == [("Main", True), ("Children", False)]
    assert listed[1] == renamed


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\u200bb", "a\x00b"])
async def test_a_name_that_cannot_be_shown_is_refused(auth: Auth, name: str) -> None:
    owner = await auth.owner()
    with pytest.raises(InvalidInput):
        await auth.accounts.create_profile(owner, name, deadline=auth.deadline)
    with pytest.raises(InvalidInput):
        await auth.accounts.rename_profile(owner, owner.profile_id, name, deadline=auth.deadline)


async def test_there_are_only_so_many_also_when_many_are_added_at_once(auth: Auth) -> None:
    owner = await auth.owner()
    answers = await asyncio.gather(
        *(
            auth.accounts.create_profile(owner, f"profile {number}", deadline=auth.deadline)
            for number in range(MAX_PROFILES + 4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    assert len((await auth.accounts.list_profiles(owner, deadline=auth.deadline)).items) == MAX_PROFILES


async def test_a_browser_goes_on_as_another_profile(auth: Auth) -> None:
    owner = await auth.owner()
    other = await auth.signed_in()
    kids = await auth.accounts.create_profile(owner, "Kids", deadline=auth.deadline)
    await auth.accounts.select_profile(owner, kids.id, deadline=auth.deadline)
    selected, left_alone = await now(auth, owner), await now(auth, other)
    assert selected is not None
    assert left_alone is not None
    assert (selected.profile_id, left_alone.profile_id) == (kids.id, owner.profile_id)


async def test_a_program_goes_on_as_another_profile_also_after_its_refresh(auth: Auth) -> None:
    owner = await auth.owner()
    tokens = await pair(auth)
    program = await who(auth, tokens.access_token)
    kids = await auth.accounts.create_profile(owner, "Kids", deadline=auth.deadline)
    await auth.accounts.select_profile(program, kids.id, deadline=auth.deadline)
    resolved = await auth.client.resolve("families", program.session_id, deadline=auth.deadline)
    assert resolved.identity is not None
    assert resolved.identity.profile_id == kids.id
    again = await auth.client.refresh(tokens.refresh_token, deadline=auth.deadline)
    assert (await who(auth, again.access_token)).profile_id == kids.id


async def test_a_key_has_no_session_to_go_on(auth: Auth) -> None:
    owner = await auth.owner()
    kids = await auth.accounts.create_profile(owner, "Kids", deadline=auth.deadline)
    made = await auth.accounts.create_api_key(
        owner, NewApiKey(name="key", scopes=("write",)), deadline=auth.deadline
    )
    identity = (await auth.client.resolve("api-keys", made.key, deadline=auth.deadline)).identity
    assert identity is not None
    with pytest.raises(Conflict) as refused:
        await auth.accounts.select_profile(identity, kids.id, deadline=auth.deadline)
    assert refused.value.code == "no_session"


async def test_a_deleted_profile_takes_with_it_what_was_its_own(auth: Auth) -> None:
    owner = await auth.owner()
    kids = await auth.accounts.create_profile(owner, "Kids", deadline=auth.deadline)
    child = await auth.signed_in()
    await auth.accounts.select_profile(child, kids.id, deadline=auth.deadline)
    as_kids = msgspec.structs.replace(owner, profile_id=kids.id)
    install = await auth.client.install_token(as_kids, deadline=auth.deadline)
    key = await auth.accounts.create_api_key(
        as_kids, NewApiKey(name="key", scopes=("read",)), deadline=auth.deadline
    )
    await auth.accounts.delete_profile(owner, kids.id, deadline=auth.deadline)
    assert not await auth.lives(child)
    assert await auth.lives(owner)
    assert (
        await auth.client.resolve("install-tokens", install.token, deadline=auth.deadline)
    ).identity is None
    assert (await auth.client.resolve("api-keys", key.key, deadline=auth.deadline)).identity is None
    removals = (await auth.client.removals(limit=10, deadline=auth.deadline)).items
    assert [(one.account_id, one.profile_id) for one in removals] == [(owner.account_id, kids.id)]


async def test_the_default_profile_stays(auth: Auth) -> None:
    owner = await auth.owner()
    with pytest.raises(Conflict) as refused:
        await auth.accounts.delete_profile(owner, owner.profile_id, deadline=auth.deadline)
    assert refused.value.code == "default_profile"


async def test_profiles_of_another_account_are_not_there(auth: Auth) -> None:
    owner = await auth.owner()
    kids = await auth.accounts.create_profile(owner, "Kids", deadline=auth.deadline)
    bob = await auth.member()
    accounts, deadline = auth.accounts, auth.deadline
    for call in (
        accounts.rename_profile(bob, kids.id, "Mine", deadline=deadline),
        accounts.delete_profile(bob, kids.id, deadline=deadline),
        accounts.select_profile(bob, kids.id, deadline=deadline),
    ):
        with pytest.raises(NotFound):
            await call
    assert [one.name for one in (await accounts.list_profiles(bob, deadline=deadline)).items] == ["Main"]
    assert [one.name for one in (await accounts.list_profiles(owner, deadline=deadline)).items][1] == "Kids"
    assert (await now(auth, bob)) == bob

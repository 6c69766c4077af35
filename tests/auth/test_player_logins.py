"""Player logins: typed with a remote control, shown again, replaced at will, gone with their profile."""

from __future__ import annotations

import asyncio
import math

import pytest

from libs.common.contracts.auth import PLAYER_LETTERS, PLAYER_PASSWORD_CHARS, PlayerLogin
from libs.common.errors import Unauthenticated
from libs.common.identity import Identity
from services.auth.model import Account
from services.auth.player_logins import usernames
from tests.auth.conftest import Auth, Start


async def owner_of(auth: Auth) -> Identity:
    account = await auth.set_up()
    return Identity(account.id, account.profile_id, account.tier, account.roles)


async def further_profile(auth: Auth, owner: Identity, name: str) -> Identity:
    made = await auth.accounts.create_profile(owner, name, deadline=auth.deadline)
    return Identity(owner.account_id, made.id, owner.tier, owner.roles)


async def who(auth: Auth, login: PlayerLogin) -> Identity | None:
    proof = f"{login.username}/{login.password}"
    return (await auth.client.resolve("player-logins", proof, deadline=auth.deadline)).identity


async def test_the_login_is_made_once_and_shown_again(auth: Auth) -> None:
    owner = await owner_of(auth)
    first = await auth.client.player_login(owner, deadline=auth.deadline)
    auth.clock.advance(3600)
    assert await auth.client.player_login(owner, deadline=auth.deadline) == first
    assert first.username == "ada"
    assert len(first.password) == PLAYER_PASSWORD_CHARS
    assert set(first.password) <= set(PLAYER_LETTERS)
    assert await who(auth, first) == owner
    assert first.password not in repr(first)


def test_a_password_can_be_typed_and_not_guessed() -> None:
    assert not set("il1o0/+%") & set(PLAYER_LETTERS)
    assert PLAYER_LETTERS.lower() == PLAYER_LETTERS
    assert PLAYER_PASSWORD_CHARS * math.log2(len(PLAYER_LETTERS)) >= 50


async def test_calls_at_the_same_moment_show_one_login(start: Start) -> None:
    replicas = [await start(), await start()]
    owner = await owner_of(replicas[0])
    shown = await asyncio.gather(
        *(replicas[n % 2].client.player_login(owner, deadline=replicas[0].deadline) for n in range(6))
    )
    assert len({(login.username, login.password) for login in shown}) == 1


async def test_rotating_ends_the_old_password_and_keeps_the_name(auth: Auth) -> None:
    owner = await owner_of(auth)
    old = await auth.client.player_login(owner, deadline=auth.deadline)
    new = await auth.client.rotate_player_login(owner, deadline=auth.deadline)
    assert new.username == old.username
    assert new.password != old.password
    assert await who(auth, old) is None
    assert await who(auth, new) == owner
    assert await auth.client.player_login(owner, deadline=auth.deadline) == new
    assert {"player_login_created", "player_login_rotated"} <= set(await auth.audited())


async def test_rotating_before_there_is_one_makes_it(auth: Auth) -> None:
    owner = await owner_of(auth)
    made = await auth.client.rotate_player_login(owner, deadline=auth.deadline)
    assert await who(auth, made) == owner


async def test_each_profile_has_its_own(auth: Auth) -> None:
    owner = await auth.owner()
    kids = await further_profile(auth, owner, "Die Kinder")
    first = await auth.client.player_login(owner, deadline=auth.deadline)
    second = await auth.client.player_login(kids, deadline=auth.deadline)
    assert (first.username, second.username) == ("ada", "ada-diekinder")
    found = await who(auth, second)
    assert found is not None
    assert found.profile_id == kids.profile_id
    swapped = PlayerLogin(username=first.username, password=second.password, created_at=first.created_at)
    assert await who(auth, swapped) is None


async def test_a_name_that_is_taken_gets_a_number(auth: Auth) -> None:
    owner = await auth.owner()
    other = await auth.member("A.d.a")
    names = {
        (await auth.client.player_login(identity, deadline=auth.deadline)).username
        for identity in (owner, other)
    }
    assert names == {"ada", "ada2"}


async def test_a_login_goes_with_its_profile(auth: Auth) -> None:
    owner = await auth.owner()
    kids = await further_profile(auth, owner, "Kids")
    login = await auth.client.player_login(kids, deadline=auth.deadline)
    await auth.accounts.delete_profile(owner, kids.profile_id, deadline=auth.deadline)
    assert await who(auth, login) is None
    assert not await auth.db.fetch_all("SELECT id FROM player_logins")


async def test_the_database_alone_does_not_give_the_password_away(auth: Auth) -> None:
    owner = await owner_of(auth)
    password = (await auth.client.player_login(owner, deadline=auth.deadline)).password
    for table in ("player_logins", "audit_log"):
        rows = [dict(row) for row in await auth.db.fetch_all(f"SELECT * FROM {table}")]
        assert rows
        assert password not in repr(rows)


@pytest.mark.parametrize("proof", ["", "/", "ada/", "nothing", "ada/nothing/more", "☃", "x" * 20_000])
async def test_an_unknown_login_is_nobody(auth: Auth, proof: str) -> None:
    assert (await auth.client.resolve("player-logins", proof, deadline=auth.deadline)).identity is None


async def test_nobody_has_no_login(auth: Auth) -> None:
    with pytest.raises(Unauthenticated):
        await auth.client.player_login(Identity(), deadline=auth.deadline)


@pytest.mark.parametrize(
    ("username", "profile", "first"),
    [
        ("Ada", None, "ada"),
        ("Jörg Müller", None, "jorgmuller"),
        ("a/b+c%d", None, "abcd"),
        ("山田", None, "player"),
        ("Ada", "子供", "ada-2"),
        ("A" * 64, "B" * 64, "a" * 16 + "-" + "b" * 16),
    ],
)
def test_names_are_what_a_remote_control_can_type(username: str, profile: str | None, first: str) -> None:
    account = Account(
        id="a",
        username=username,
        tier="free",
        role="member",
        profile_id="p",
        profile_name=profile or "Main",
        is_default_profile=profile is None,
    )
    names = list(usernames(account))
    assert names[0] == first
    assert len(set(names)) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)

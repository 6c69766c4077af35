"""Where an account is signed in, how that ends, and what a new password does to it."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.contracts.accounts import NewPassword, OwnDeletion
from libs.common.contracts.auth import LoginRequest
from libs.common.errors import Forbidden, InvalidInput, NotFound, RateLimited, Unauthenticated
from libs.common.identity import Identity
from services.auth.errors import WrongCredentials
from services.auth.model import Asker, Username
from services.auth.store.accounts import AccountStore
from services.auth.store.refresh import RefreshStore
from services.auth.store.sessions import SessionStore
from services.auth.throttle import MOST
from tests.auth.conftest import NAME, PASSWORD, Auth
from tests.auth.test_tokens import pair, who

OTHER = "quite another password"


async def program(auth: Auth) -> tuple[Identity, str]:
    """A program's identity and its refresh token."""
    tokens = await pair(auth)
    identity = await who(auth, tokens.access_token)
    return identity, tokens.refresh_token


async def change(auth: Auth, identity: Identity, current: str, new: str = OTHER) -> None:
    wanted = NewPassword(current_password=current, new_password=new, client_address="192.0.2.1")
    await auth.accounts.change_password(identity, wanted, deadline=auth.deadline)


async def test_the_list_says_where_and_with_what(auth: Auth) -> None:
    owner = await auth.owner()
    auth.clock.advance(1)
    request = LoginRequest(
        username=NAME,
        password=PASSWORD,
        kind="api",
        client_address="2001:db8::1",
        client="Kodi/21\x00\n" + "x" * 500,
    )
    await auth.client.login(request, deadline=auth.deadline)
    listed = (await auth.accounts.list_sessions(owner, deadline=auth.deadline)).items
    assert [(one.kind, one.address, one.current) for one in listed] == [
        ("api", "2001:db8::/64", False),
        ("web", "192.0.2.1", True),
    ]
    assert listed[0].client.startswith("Kodi/21  x")
    assert len(listed[0].client) == 200


async def test_what_has_ended_is_not_listed(auth: Auth) -> None:
    owner = await auth.owner()
    _, refresh_token = await program(auth)
    assert len((await auth.accounts.list_sessions(owner, deadline=auth.deadline)).items) == 2
    await auth.client.refresh(refresh_token, deadline=auth.deadline)
    assert len((await auth.accounts.list_sessions(owner, deadline=auth.deadline)).items) == 2
    with pytest.raises(Unauthenticated):
        await auth.client.refresh(refresh_token, deadline=auth.deadline)
    assert len((await auth.accounts.list_sessions(owner, deadline=auth.deadline)).items) == 1


async def test_one_of_either_kind_is_signed_out(auth: Auth) -> None:
    owner = await auth.owner()
    browser, (api, refresh_token) = await auth.signed_in(), await program(auth)
    for identity in (browser, api):
        await auth.accounts.end_session(owner, identity.session_id, deadline=auth.deadline)
        with pytest.raises(NotFound):
            await auth.accounts.end_session(owner, identity.session_id, deadline=auth.deadline)
    assert not await auth.lives(browser)
    assert (await auth.client.resolve("families", api.session_id, deadline=auth.deadline)).identity is None
    with pytest.raises(Unauthenticated):
        await auth.client.refresh(refresh_token, deadline=auth.deadline)
    assert await auth.lives(owner)


async def test_all_others_are_signed_out_from_a_browser_and_from_a_program(auth: Auth) -> None:
    owner = await auth.owner()
    browser, (api, _) = await auth.signed_in(), await program(auth)
    await auth.accounts.end_other_sessions(owner, deadline=auth.deadline)
    assert await auth.lives(owner)
    assert not await auth.lives(browser)
    assert (await auth.client.resolve("families", api.session_id, deadline=auth.deadline)).identity is None
    again, _ = await program(auth)
    await auth.accounts.end_other_sessions(again, deadline=auth.deadline)
    assert not await auth.lives(owner)
    assert (await auth.client.resolve("families", again.session_id, deadline=auth.deadline)).identity


async def test_sessions_of_another_account_are_not_there(auth: Auth) -> None:
    owner = await auth.owner()
    api, _ = await program(auth)
    bob = await auth.member()
    for identity in (owner, api):
        with pytest.raises(NotFound):
            await auth.accounts.end_session(bob, identity.session_id, deadline=auth.deadline)
    await auth.accounts.end_other_sessions(bob, deadline=auth.deadline)
    assert await auth.lives(owner)
    listed = (await auth.accounts.list_sessions(bob, deadline=auth.deadline)).items
    assert [one.id for one in listed] == [bob.session_id]


async def test_a_new_password_ends_every_other_session(auth: Auth) -> None:
    owner = await auth.owner()
    browser, (_, refresh_token) = await auth.signed_in(), await program(auth)
    install = await auth.client.install_token(owner, deadline=auth.deadline)
    await change(auth, owner, PASSWORD)
    assert await auth.lives(owner)
    assert not await auth.lives(browser)
    with pytest.raises(Unauthenticated):
        await auth.client.refresh(refresh_token, deadline=auth.deadline)
    with pytest.raises(Unauthenticated):
        await auth.login()
    assert (await auth.login(password=OTHER)).tokens is not None
    # A player's address is no password; it has a button of its own.
    assert (
        await auth.client.resolve("install-tokens", install.token, deadline=auth.deadline)
    ).identity is not None
    assert "password_changed" in await auth.audited()


async def test_a_wrong_present_password_changes_nothing_and_is_throttled(auth: Auth) -> None:
    owner = await auth.owner()
    for _ in range(5):
        with pytest.raises(InvalidInput) as refused:
            await change(auth, owner, "not the password")
        assert refused.value.code == "wrong_password"
    with pytest.raises(RateLimited):
        await change(auth, owner, PASSWORD)
    assert await auth.lives(owner)
    # The same count as the login's: neither is a way around the other.
    with pytest.raises(RateLimited):
        await auth.login()


@pytest.mark.parametrize("new", ["short", "x" * 1025])
async def test_a_new_password_that_is_refused_says_so_beside_its_field(auth: Auth, new: str) -> None:
    owner = await auth.owner()
    with pytest.raises(InvalidInput) as refused:
        await change(auth, owner, PASSWORD, new)
    assert list(refused.value.fields) == ["new_password"]


async def test_an_account_that_is_gone_changes_no_password(auth: Auth) -> None:
    owner = await auth.owner()
    with pytest.raises(Unauthenticated):
        await change(auth, msgspec.structs.replace(owner, account_id="gone"), PASSWORD)


async def test_a_sign_in_that_was_judged_by_the_former_password_begins_nothing(auth: Auth) -> None:
    owner = await auth.owner()
    judged = await AccountStore(auth.db, auth.clock).account_by_name(Username.of(NAME))
    assert judged is not None
    await change(auth, owner, PASSWORD)
    expires_at, asker = int(auth.clock.time() * 1000) + 60_000, Asker()
    with pytest.raises(WrongCredentials):
        await SessionStore(auth.db, auth.clock).add_session(
            judged, b"s" * 32, expires_at=expires_at, asker=asker
        )
    with pytest.raises(WrongCredentials):
        await RefreshStore(auth.db, auth.clock).add_refresh_family(
            judged, b"r" * 32, expires_at=expires_at, asker=asker
        )
    listed = await auth.accounts.list_sessions(owner, deadline=auth.deadline)
    assert [session.current for session in listed.items] == [True]


async def delete(auth: Auth, identity: Identity, password: str = PASSWORD) -> None:
    wanted = OwnDeletion(password=password, client_address="192.0.2.1")
    await auth.accounts.delete_own(identity, wanted, deadline=auth.deadline)


async def test_who_deletes_the_own_account_leaves_nothing_but_its_removal(auth: Auth) -> None:
    await auth.owner()
    bob, carl = await auth.member(), await auth.member("Carl")
    made = await auth.accounts.create_profile(bob, "Kids", deadline=auth.deadline)
    await delete(auth, msgspec.structs.replace(bob, profile_id=made.id))
    for table in ("profiles", "sessions", "install_tokens", "api_keys"):
        rows = await auth.db.fetch_all(f"SELECT id FROM {table} WHERE account_id = :id", id=bob.account_id)
        assert rows == [], table
    removals = (await auth.client.removals(limit=10, deadline=auth.deadline)).items
    assert [(one.account_id, one.profile_id) for one in removals] == [(bob.account_id, None)]
    with pytest.raises(Unauthenticated):
        await auth.login("Bob")
    assert await auth.lives(carl)


@pytest.mark.parametrize("password", ["", "a wrong one altogether", "x" * 4000])
async def test_an_account_is_not_deleted_with_a_wrong_password(auth: Auth, password: str) -> None:
    await auth.owner()
    bob = await auth.member()
    with pytest.raises(InvalidInput) as refused:
        await delete(auth, bob, password)
    assert list(refused.value.fields) == ["password"]
    assert await auth.lives(bob)


async def test_nobody_guesses_a_password_by_deleting(auth: Auth) -> None:
    await auth.owner()
    bob = await auth.member()
    for _ in range(MOST):
        with pytest.raises(InvalidInput):
            await delete(auth, bob, "a wrong one altogether")
    with pytest.raises(RateLimited):
        await delete(auth, bob)
    assert await auth.lives(bob)


async def test_the_owner_and_a_key_delete_no_account(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member()
    with pytest.raises(Forbidden, match="would be nobody's") as refused:
        await delete(auth, owner)
    assert refused.value.code == "owner_protected"
    with pytest.raises(Forbidden) as refused:
        await delete(auth, msgspec.structs.replace(bob, key_id="a-key"))
    assert refused.value.code == "password_needed"
    assert await auth.lives(bob)

"""Accounts of others: what administrators may do, and what nobody may do to the owner."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.contracts.accounts import AccountPatch, AccountView, NewAccount, NewApiKey, NewInvitation
from libs.common.errors import Conflict, Forbidden, HeadgateError, InvalidInput, NotFound, Unauthenticated
from libs.common.identity import Identity
from tests.auth.conftest import NAME, PASSWORD, Auth


async def shown(auth: Auth, identity: Identity, account_id: str) -> AccountView:
    return await auth.accounts.service.call(
        "GET",
        f"/api/v1/accounts/{account_id}",
        identity=identity,
        deadline=auth.deadline,
        into=AccountView,
    )


async def test_an_account_is_made_changed_and_found(auth: Auth) -> None:
    owner = await auth.owner()
    wanted = NewAccount(username=" Bob ", password=PASSWORD, role="admin", tier="premium")
    made = await auth.accounts.create_account(owner, wanted, deadline=auth.deadline)
    assert (made.username, made.role, made.tier, made.disabled) == ("Bob", "admin", "premium", False)
    assert (await auth.login("bob")).account.roles == ("admin",)
    patch = AccountPatch(role="member", tier="api")
    changed = await auth.accounts.change_account(owner, made.id, patch, deadline=auth.deadline)
    assert (changed.role, changed.tier) == ("member", "api")
    assert await shown(auth, owner, made.id) == changed
    assert {"account_created", "role_changed", "tier_changed"} <= set(await auth.audited())


async def test_a_name_is_taken_once_however_it_is_written(auth: Auth) -> None:
    owner = await auth.owner()
    wanted = NewAccount(username="ＡＤＡ", password=PASSWORD)
    with pytest.raises(Conflict) as refused:
        await auth.accounts.create_account(owner, wanted, deadline=auth.deadline)
    assert refused.value.code == "name_taken"


@pytest.mark.parametrize(("username", "password"), [("", PASSWORD), ("Bob", "short"), ("x" * 5000, PASSWORD)])
async def test_a_refused_choice_makes_no_account(auth: Auth, username: str, password: str) -> None:
    owner = await auth.owner()
    wanted = NewAccount(username=username, password=password)
    with pytest.raises(InvalidInput):
        await auth.accounts.create_account(owner, wanted, deadline=auth.deadline)
    assert len((await auth.accounts.list_accounts(owner, deadline=auth.deadline)).items) == 1


async def test_accounts_are_paged(auth: Auth) -> None:
    owner = await auth.owner()
    for number in range(4):
        auth.clock.advance(number % 2)  # some are made in the same moment
        await auth.accounts.create_account(
            owner, NewAccount(username=f"user {number}", password=PASSWORD), deadline=auth.deadline
        )
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await auth.accounts.list_accounts(owner, limit=2, cursor=cursor, deadline=auth.deadline)
        seen += [account.username for account in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert (len(seen), len(set(seen)), NAME in seen) == (5, 5, True)


@pytest.mark.parametrize("cursor", ["nonsense", "MTIz", "☃", "x" * 120, "LTEuYQ"])
async def test_a_cursor_of_nobody_is_refused(auth: Auth, cursor: str) -> None:
    owner = await auth.owner()
    with pytest.raises(InvalidInput):
        await auth.accounts.list_accounts(owner, cursor=cursor, deadline=auth.deadline)


async def test_a_member_may_administer_nothing(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member()
    accounts, deadline = auth.accounts, auth.deadline
    for call in (
        accounts.list_accounts(bob, deadline=deadline),
        accounts.create_account(bob, NewAccount(username="Eve", password=PASSWORD), deadline=deadline),
        shown(auth, bob, owner.account_id),
        accounts.change_account(bob, bob.account_id, AccountPatch(role="admin"), deadline=deadline),
        accounts.delete_account(bob, owner.account_id, deadline=deadline),
        accounts.list_invitations(bob, deadline=deadline),
        accounts.invite(bob, NewInvitation(), deadline=deadline),
        accounts.withdraw_invitation(bob, "any", deadline=deadline),
        accounts.audit(bob, everybody=True, deadline=deadline),
        accounts.create_api_key(bob, NewApiKey(name="key", scopes=("read", "admin")), deadline=deadline),
    ):
        with pytest.raises(Forbidden):
            await call


@pytest.mark.parametrize(
    "patch",
    [
        AccountPatch(role="member"),
        AccountPatch(tier="free"),
        AccountPatch(disabled=True),
        AccountPatch(password="quite another password"),
    ],
)
async def test_nobody_changes_the_owner(auth: Auth, patch: AccountPatch) -> None:
    owner = await auth.owner()
    admin = await auth.member(role="admin")
    for asker in (owner, admin):
        with pytest.raises(Forbidden) as refused:
            await auth.accounts.change_account(asker, owner.account_id, patch, deadline=auth.deadline)
        assert refused.value.code == "owner_protected"
        with pytest.raises(Forbidden):
            await auth.accounts.delete_account(asker, owner.account_id, deadline=auth.deadline)
    assert (await auth.login()).account.roles == ("owner",)


async def test_an_administrator_can_make_no_owner(auth: Auth) -> None:
    await auth.owner()
    admin = await auth.member(role="admin")
    for path, method, body in (
        ("/api/v1/accounts", "POST", {"username": "Eve", "password": PASSWORD, "role": "owner"}),
        (f"/api/v1/accounts/{admin.account_id}", "PATCH", {"role": "owner"}),
        ("/api/v1/invitations", "POST", {"role": "owner"}),
    ):
        assert await auth.status(method, path, admin, body) == 422


async def test_an_administrator_leaves_the_own_account_alone(auth: Auth) -> None:
    await auth.owner()
    admin = await auth.member(role="admin")
    for patch in (AccountPatch(disabled=True), AccountPatch(password="quite another password")):
        with pytest.raises(Forbidden) as refused:
            await auth.accounts.change_account(admin, admin.account_id, patch, deadline=auth.deadline)
        assert refused.value.code == "own_account"
    with pytest.raises(Forbidden):
        await auth.accounts.delete_account(admin, admin.account_id, deadline=auth.deadline)


async def test_a_disabled_account_is_out_everywhere_and_comes_back(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member()
    tokens = (await auth.login("Bob")).tokens
    install = await auth.client.install_token(bob, deadline=auth.deadline)
    key = await auth.accounts.create_api_key(
        bob, NewApiKey(name="key", scopes=("read",)), deadline=auth.deadline
    )
    assert tokens is not None
    disable = AccountPatch(disabled=True)
    shown = await auth.accounts.change_account(owner, bob.account_id, disable, deadline=auth.deadline)
    assert shown.disabled
    assert not await auth.lives(bob)
    assert (
        await auth.client.resolve("install-tokens", install.token, deadline=auth.deadline)
    ).identity is None
    assert (await auth.client.resolve("api-keys", key.key, deadline=auth.deadline)).identity is None
    with pytest.raises(Unauthenticated):
        await auth.client.refresh(tokens.refresh_token, deadline=auth.deadline)
    with pytest.raises(Unauthenticated):
        await auth.login("Bob", "not the password")
    with pytest.raises(Forbidden) as refused:
        await auth.login("Bob")
    assert refused.value.code == "account_disabled"
    with pytest.raises(Unauthenticated):
        await auth.client.account(bob, deadline=auth.deadline)
    await auth.accounts.change_account(
        owner, bob.account_id, AccountPatch(disabled=False), deadline=auth.deadline
    )
    assert (
        await auth.client.resolve("install-tokens", install.token, deadline=auth.deadline)
    ).identity is not None
    assert (await auth.login("Bob")).tokens is not None


async def test_a_password_set_by_an_administrator_signs_out_everywhere(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member()
    patch = AccountPatch(password="quite another password")
    await auth.accounts.change_account(owner, bob.account_id, patch, deadline=auth.deadline)
    assert not await auth.lives(bob)
    assert (await auth.login("Bob", "quite another password")).tokens is not None
    with pytest.raises(Unauthenticated):
        await auth.login("Bob")


async def test_a_deleted_account_leaves_nothing_but_its_removal(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member(role="admin")
    await auth.login("Bob")
    await auth.client.install_token(bob, deadline=auth.deadline)
    await auth.accounts.create_profile(bob, "Kids", deadline=auth.deadline)
    await auth.accounts.create_api_key(bob, NewApiKey(name="key", scopes=("read",)), deadline=auth.deadline)
    await auth.accounts.invite(bob, NewInvitation(), deadline=auth.deadline)
    await auth.accounts.delete_account(owner, bob.account_id, deadline=auth.deadline)
    for table in ("profiles", "sessions", "refresh_families", "install_tokens", "api_keys"):
        rows = await auth.db.fetch_all(
            f"SELECT id FROM {table} WHERE account_id = :id",
            id=bob.account_id,
        )
        assert rows == [], table
    assert await auth.db.fetch_all("SELECT id FROM invitations") == []
    removals = (await auth.client.removals(limit=10, deadline=auth.deadline)).items
    assert [(one.account_id, one.profile_id) for one in removals] == [(bob.account_id, None)]
    with pytest.raises(NotFound):
        await shown(auth, owner, bob.account_id)
    with pytest.raises(Unauthenticated):
        await auth.client.account(bob, deadline=auth.deadline)


async def test_of_two_deletions_at_once_one_finds_nothing(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member()
    answers = await asyncio.gather(
        *(auth.accounts.delete_account(owner, bob.account_id, deadline=auth.deadline) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, NotFound) for answer in answers) == 3
    assert len((await auth.client.removals(limit=10, deadline=auth.deadline)).items) == 1


async def test_removals_are_listed_until_they_are_done(auth: Auth) -> None:
    owner = await auth.owner()
    for name in ("Bob", "Carl", "Dora"):
        member = await auth.member(name)
        auth.clock.advance(1)
        await auth.accounts.delete_account(owner, member.account_id, deadline=auth.deadline)
    first = (await auth.client.removals(limit=2, deadline=auth.deadline)).items
    assert len(first) == 2
    ids = tuple(one.id for one in first)
    await auth.client.removals_done((*ids, "unknown"), deadline=auth.deadline)
    rest = (await auth.client.removals(limit=10, deadline=auth.deadline)).items
    assert len(rest) == 1
    assert rest[0].id not in ids
    with pytest.raises(HeadgateError):
        await auth.client.removals(limit=0, deadline=auth.deadline)


async def test_an_administrators_key_leaves_no_way_in_for_after_its_end(auth: Auth) -> None:
    owner, deadline = await auth.owner(), auth.deadline
    wanted = NewApiKey(name="script", scopes=("write", "admin"))
    made = await auth.accounts.create_api_key(owner, wanted, deadline=deadline)
    key = (await auth.client.resolve("api-keys", made.key, deadline=deadline)).identity
    assert key is not None
    bob = await auth.accounts.create_account(
        key, NewAccount(username="Bob", password=PASSWORD), deadline=deadline
    )
    admin = NewAccount(username="Eve", password=PASSWORD, role="admin")
    for attempt in (
        auth.accounts.create_account(key, admin, deadline=deadline),
        auth.accounts.change_account(key, bob.id, AccountPatch(role="admin"), deadline=deadline),
        auth.accounts.change_account(key, bob.id, AccountPatch(password=PASSWORD + "!"), deadline=deadline),
        auth.accounts.invite(key, NewInvitation(role="admin"), deadline=deadline),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert refused.value.code == "password_needed"
    changed = await auth.accounts.change_account(key, bob.id, AccountPatch(tier="premium"), deadline=deadline)
    assert (changed.role, changed.tier) == ("member", "premium")
    assert await auth.accounts.invite(key, NewInvitation(), deadline=deadline)

"""Invitations, and accounts that people make themselves."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.contracts.accounts import (
    MAX_OPEN_INVITATIONS,
    AccountPatch,
    NewInvitation,
    Registration,
)
from libs.common.contracts.auth import Account
from libs.common.errors import Conflict, Forbidden, InvalidInput, NotFound, RateLimited
from libs.common.secrets import hash_token
from services.auth.throttle import MOST_REGISTRATIONS, WINDOW_S
from tests.auth.conftest import NAME, PASSWORD, Auth, Start

BY_INVITATION = {"HEADGATE_REGISTRATION": "invitation"}
OPEN = {"HEADGATE_REGISTRATION": "open"}


async def register(
    auth: Auth, username: str = "Bob", code: str | None = None, *, address: str = "192.0.2.1"
) -> Account:
    wanted = Registration(username=username, password=PASSWORD, invitation=code, client_address=address)
    return await auth.accounts.register(wanted, deadline=auth.deadline)


async def invite(auth: Auth, wanted: NewInvitation | None = None) -> str:
    owner = await auth.signed_in()
    made = await auth.accounts.invite(owner, wanted or NewInvitation(), deadline=auth.deadline)
    return made.code


async def test_nobody_registers_unless_the_operator_says_so(auth: Auth) -> None:
    await auth.set_up()
    code = await invite(auth)
    for sent in (None, code):
        with pytest.raises(Forbidden) as refused:
            await register(auth, code=sent)
        assert refused.value.code == "registration_closed"


async def test_an_open_hub_takes_members_but_not_before_its_owner(start: Start) -> None:
    auth = await start(**OPEN)
    with pytest.raises(Forbidden):
        await register(auth)
    await auth.set_up()
    account = await register(auth)
    assert (account.roles, account.tier) == (("member",), "free")
    assert (await auth.login("bob")).account == account
    with pytest.raises(Conflict) as refused:
        await register(auth, NAME)
    assert refused.value.code == "name_taken"


async def test_an_invitation_makes_one_account_as_it_says(start: Start) -> None:
    auth = await start(**BY_INVITATION)
    await auth.set_up()
    code = await invite(auth, NewInvitation(role="admin", tier="premium"))
    with pytest.raises(Conflict):
        await register(auth, NAME, code)  # a name that is taken uses nothing up
    account = await register(auth, code=code)
    assert (account.roles, account.tier) == (("admin",), "premium")
    for wrong in (code, None, "", "hgi_nothing", "☃"):
        with pytest.raises(Forbidden) as refused:
            await register(auth, "Eve", wrong)
        assert refused.value.code == "invitation_refused"
    listed = await auth.accounts.list_invitations(await auth.signed_in(), deadline=auth.deadline)
    assert listed.items == ()


async def test_one_invitation_used_at_the_same_moment_makes_one_account(start: Start) -> None:
    replicas = [await start(**BY_INVITATION), await start(**BY_INVITATION)]
    await replicas[0].set_up()
    code = await invite(replicas[0])
    answers = await asyncio.gather(
        *(register(replicas[number % 2], f"user {number}", code) for number in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Account) for answer in answers) == 1
    assert sum(isinstance(answer, Forbidden) for answer in answers) == 5
    assert len(await replicas[0].db.fetch_all("SELECT id FROM accounts")) == 2


async def test_one_name_at_the_same_moment_makes_one_account(start: Start) -> None:
    replicas = [await start(**OPEN), await start(**OPEN)]
    await replicas[0].set_up()
    answers = await asyncio.gather(
        *(register(replicas[number % 2]) for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, Account) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


async def test_an_invitation_ends_with_its_time_by_withdrawal_and_with_its_maker(start: Start) -> None:
    auth = await start(**BY_INVITATION)
    owner = await auth.owner()
    late = await invite(auth, NewInvitation(expires_in_s=60))
    auth.clock.advance(60)
    withdrawn = await auth.accounts.invite(owner, NewInvitation(), deadline=auth.deadline)
    await auth.accounts.withdraw_invitation(owner, withdrawn.id, deadline=auth.deadline)
    with pytest.raises(NotFound):
        await auth.accounts.withdraw_invitation(owner, withdrawn.id, deadline=auth.deadline)
    carl = await auth.member("Carl", role="admin")
    of_carl = await auth.accounts.invite(carl, NewInvitation(role="admin"), deadline=auth.deadline)
    patch = AccountPatch(role="member")
    await auth.accounts.change_account(owner, carl.account_id, patch, deadline=auth.deadline)
    for code in (late, withdrawn.code, of_carl.code):
        with pytest.raises(Forbidden):
            await register(auth, code=code)


async def test_a_code_is_kept_as_a_hash(auth: Auth) -> None:
    await auth.set_up()
    code = await invite(auth)
    rows = await auth.db.fetch_all("SELECT * FROM invitations")
    assert bytes(rows[0]["code_hash"]) == hash_token(code)
    assert code not in repr([dict(row) for row in rows])


async def test_there_are_only_so_many_open_invitations(auth: Auth) -> None:
    owner = await auth.owner()
    answers = await asyncio.gather(
        *(
            auth.accounts.invite(owner, NewInvitation(), deadline=auth.deadline)
            for _ in range(MAX_OPEN_INVITATIONS + 5)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    listed = await auth.accounts.list_invitations(owner, deadline=auth.deadline)
    assert len(listed.items) == MAX_OPEN_INVITATIONS


async def test_an_address_tries_only_so_often(start: Start) -> None:
    auth = await start(**BY_INVITATION)
    await auth.set_up()
    for number in range(MOST_REGISTRATIONS):
        with pytest.raises(Forbidden):
            await register(auth, code=f"hgi_guess{number}")
    code = await invite(auth)
    with pytest.raises(RateLimited):
        await register(auth, code=code)
    assert (await register(auth, code=code, address="192.0.2.9")).username == "Bob"
    auth.clock.advance(WINDOW_S)
    with pytest.raises(Forbidden):
        await register(auth, "Eve", code)


async def test_a_refused_choice_is_said_before_it_counts(start: Start) -> None:
    auth = await start(**OPEN)
    await auth.set_up()
    for _ in range(MOST_REGISTRATIONS + 1):
        with pytest.raises(InvalidInput):
            await register(auth, "")
    assert (await register(auth)).username == "Bob"

"""The audit log as people read it: one's own, all of it for administrators, page by page."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.contracts.accounts import AccountPatch, AuditEntry
from libs.common.errors import InvalidInput
from libs.common.identity import Identity
from tests.auth.conftest import Auth


async def entries(
    auth: Auth, identity: Identity, *, everybody: bool = False, limit: int = 2
) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    cursor: str | None = None
    while True:
        page = await auth.accounts.audit(
            identity, limit=limit, cursor=cursor, everybody=everybody, deadline=auth.deadline
        )
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_an_entry_says_who_what_on_what_and_from_where(auth: Auth) -> None:
    owner = msgspec.structs.replace(await auth.owner(), network="2001:db8::/64")
    bob = await auth.member()
    auth.clock.advance(1)
    patch = AccountPatch(tier="premium")
    await auth.accounts.change_account(owner, bob.account_id, patch, deadline=auth.deadline)
    newest = (await entries(auth, owner))[0]
    assert (newest.account_id, newest.action, newest.subject, newest.address) == (
        owner.account_id,
        "tier_changed",
        bob.account_id,
        "2001:db8::/64",
    )


async def test_everybody_sees_the_own_entries_and_administrators_all(auth: Auth) -> None:
    owner = await auth.owner()
    bob = await auth.member()
    assert {entry.account_id for entry in await entries(auth, bob)} == {bob.account_id}
    everything = await entries(auth, owner, everybody=True)
    assert {entry.account_id for entry in everything} == {owner.account_id, bob.account_id, ""}
    assert len({entry.id for entry in everything}) == len(everything)
    assert [entry.at for entry in everything] == sorted((entry.at for entry in everything), reverse=True)


async def test_pages_hold_what_was_asked_for_and_end(auth: Auth) -> None:
    owner = await auth.owner()
    for number in range(5):
        auth.clock.advance(number % 2)
        await auth.accounts.rename_profile(owner, owner.profile_id, f"name {number}", deadline=auth.deadline)
    for limit in (1, 3, 200):
        renamed = [one for one in await entries(auth, owner, limit=limit) if one.action == "profile_renamed"]
        assert len(renamed) == 5


@pytest.mark.parametrize("limit", [0, 201])
async def test_a_page_is_bounded(auth: Auth, limit: int) -> None:
    owner = await auth.owner()
    with pytest.raises(InvalidInput):
        await auth.accounts.audit(owner, limit=limit, deadline=auth.deadline)

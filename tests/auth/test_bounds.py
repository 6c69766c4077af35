"""No account fills the tables, however long it repeats what it may do: the oldest go."""

from __future__ import annotations

import pytest

from libs.common.contracts.accounts import MAX_PAGE
from libs.common.contracts.auth import LogoutRequest
from services.auth.store import base, refresh, sessions
from services.auth.store.sessions import MOST_OF_A_KIND
from tests.auth.conftest import Auth


async def count(auth: Auth, table: str, account_id: str) -> int:
    row = await auth.db.fetch_one(
        f"SELECT count(*) AS n FROM {table} WHERE account_id = :account_id", account_id=account_id
    )
    assert row is not None
    return int(row["n"])


async def test_who_was_longest_away_makes_room_for_who_signs_in(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    for store in (sessions, refresh):
        monkeypatch.setattr(store, "MOST_OF_A_KIND", 5)
    owner = await auth.owner()
    bob = await auth.member()
    tokens = []
    for _ in range(7):
        auth.clock.advance(1)
        tokens.append((await auth.login(kind="web")).session_token or "")
        await auth.login()
    alive = [
        (await auth.client.resolve("sessions", token, deadline=auth.deadline)).identity for token in tokens
    ]
    assert [one is not None for one in alive] == [False, False] + [True] * 5
    assert await count(auth, "sessions", owner.account_id) == 5
    assert await count(auth, "refresh_families", owner.account_id) == 5
    assert await count(auth, "sessions", bob.account_id) == 1


async def test_programs_that_sign_out_again_leave_no_more_behind(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "MOST_OF_A_KIND", 3)
    owner = await auth.owner()
    kept = (await auth.login()).tokens
    assert kept is not None
    for _ in range(6):
        auth.clock.advance(1)
        tokens = (await auth.login()).tokens
        assert tokens is not None
        wanted = LogoutRequest(refresh_token=tokens.refresh_token)
        await auth.client.logout(wanted, deadline=auth.deadline)
    assert await count(auth, "refresh_families", owner.account_id) == 3
    assert await auth.client.refresh(kept.refresh_token, deadline=auth.deadline)


async def test_a_program_that_refreshes_all_the_time_leaves_no_more_behind(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "MOST_TOKENS", 4)
    await auth.owner()
    tokens = (await auth.login()).tokens
    for _ in range(8):
        assert tokens is not None
        auth.clock.advance(1)
        tokens = await auth.client.refresh(tokens.refresh_token, deadline=auth.deadline)
    row = await auth.db.fetch_one("SELECT count(*) AS n FROM refresh_tokens")
    assert row is not None
    assert row["n"] == 4


async def test_what_is_repeated_pushes_nothing_else_out_of_the_log(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "MOST_ENTRIES", 3)
    owner = await auth.owner()
    for number in range(8):
        auth.clock.advance(1)
        await auth.accounts.rename_profile(owner, owner.profile_id, f"name {number}", deadline=auth.deadline)
    page = await auth.accounts.audit(owner, limit=MAX_PAGE, deadline=auth.deadline)
    actions = [entry.action for entry in page.items]
    assert actions.count("profile_renamed") == 3
    assert {"owner_created", "signed_in"} <= set(actions)


async def test_a_list_of_sign_ins_holds_all_there_can_be(auth: Auth) -> None:
    owner = await auth.owner()
    for _ in range(MOST_OF_A_KIND + 1):
        auth.clock.advance(1)
        await auth.login(kind="web")
        await auth.login()
    listed = await auth.accounts.list_sessions(owner, deadline=auth.deadline)
    kinds = [session.kind for session in listed.items]
    assert (kinds.count("web"), kinds.count("api")) == (MOST_OF_A_KIND, MOST_OF_A_KIND)

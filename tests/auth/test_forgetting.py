"""Who is gone has nothing left in any table of auth but what happened, and what the others are told."""

from __future__ import annotations

from pathlib import Path

from tests.auth.conftest import Auth
from tests.owned_rows import Tables, Whose

KEPT = {"audit_log", "removals"}


async def test_no_table_keeps_anything_of_who_is_gone(auth: Auth, tmp_path: Path, database_url: str) -> None:
    tables = Tables(database_url, "auth")
    gone, kid, other = Whose("gone", "p1", 901), Whose("gone", "p2", 902), Whose("other", "p3", 903)
    await tables.put(gone, kid, other)
    before = await tables.of(other)
    await auth.db.execute("DELETE FROM profiles WHERE id = 'p2'")
    left = await tables.of(gone)
    assert {name: count for name, count in left.items() if name not in KEPT} == {
        name: count for name, count in before.items() if name not in KEPT
    }
    await auth.db.execute("DELETE FROM accounts WHERE id = 'gone'")
    assert (await tables.of(gone)).keys() <= KEPT
    assert await tables.of(other) == before
    assert {"accounts", "player_logins", "refresh_tokens", "sessions"} <= before.keys()

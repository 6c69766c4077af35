"""What a table holds of one account, on both engines."""

from __future__ import annotations

from libs.common.db import open_database
from libs.common.db.owned import PAGE_ROWS, OwnedTable, rows_of_account
from tests.fakes.clock import ManualClock

FILMS = OwnedTable(
    name="films", keys=("profile_id", "number"), columns=("name", "seen"), flags=frozenset({"seen"})
)


async def test_every_row_of_one_account_comes_once_whatever_it_takes(database_url: str) -> None:
    database = await open_database(database_url, schema="test", clock=ManualClock())
    if database.dialect == "postgresql":
        await database.execute("CREATE SCHEMA test")
    await database.execute(
        "CREATE TABLE films (account_id TEXT, profile_id TEXT, number BIGINT, name TEXT, seen BOOLEAN)"
    )
    columns = ("account_id", "profile_id", "number", "name", "seen")
    for account, many in (("ada", PAGE_ROWS + 30), ("bob", 2)):
        rows = [(account, profile, n, f"{n}", n % 2 == 0) for profile in ("p1", "p2") for n in range(many)]
        await database.insert_rows("films", columns, rows)
    found = [row async for row in rows_of_account(database, FILMS, "ada")]
    assert [(row["profile_id"], row["number"]) for row in found] == [
        (profile, n) for profile in ("p1", "p2") for n in range(PAGE_ROWS + 30)
    ]
    assert [row["seen"] for row in found[:2]] == [True, False]
    assert len([row async for row in rows_of_account(database, FILMS, "bob")]) == 4
    assert [row async for row in rows_of_account(database, FILMS, "nobody")] == []
    await database.aclose()

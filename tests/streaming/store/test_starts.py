"""How long sources took to begin, on both engines."""

from __future__ import annotations

from libs.common.db import Database
from libs.common.identity import Identity
from services.streaming.starts_model import Start
from services.streaming.store.starts import MOST_KEPT, StartStore

ONE = Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",))
OTHER = Identity(account_id="a1", profile_id="p2", tier="free", roles=("owner",))
STRANGER = Identity(account_id="a2", profile_id="p1", tier="free", roles=("owner",))


async def test_each_profile_has_its_own(database: Database) -> None:
    store = StartStore(database)
    start = Start("s", 1_000, 250)
    await store.add(ONE, start)
    await store.add(ONE, start)
    assert await store.since(ONE, 0) == [start]
    assert await store.since(ONE, 1_000) == []
    assert await store.since(OTHER, 0) == []
    assert await store.since(STRANGER, 0) == []


async def test_only_the_newest_are_kept(database: Database) -> None:
    store = StartStore(database)
    rows = [("a1", "p1", at, "s", 1) for at in range(MOST_KEPT)]
    columns = ("account_id", "profile_id", "began_at", "source", "took_ms")
    await database.insert_rows("source_starts", columns, [*rows, ("a1", "p2", 0, "s", 1)])
    await store.add(ONE, Start("s", MOST_KEPT, 1))
    assert sorted(start.began_at for start in await store.since(ONE, -1)) == list(range(1, MOST_KEPT + 1))
    assert len(await store.since(OTHER, -1)) == 1

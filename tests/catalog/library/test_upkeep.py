"""Clearing an account, what is told of the library, its weekly upkeep, and the ways to them."""

from __future__ import annotations

import array
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.handover import HandoverClient, RunFinished, packed
from libs.common.db import Database
from libs.common.errors import Conflict, NotFound
from libs.common.tasks import Tasks
from services.catalog.errors import RunEnded
from services.catalog.library.face_players import Players
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.removal import RemovalStore
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, Catalog, running_catalog
from tests.catalog.library.players import Told
from tests.catalog.library.runs import P, Runs, encoded, episode, item, programme
from tests.fakes.clock import ManualClock

WEEK_S = 7 * 86_400
TABLES = (
    "library_items",
    "library_categories",
    "library_item_categories",
    "library_facets",
    "library_episodes",
    "library_programmes",
    "library_programme_words",
    "library_favourites",
    "library_changes",
    "library_player_pieces",
)


async def fill(runs: Runs, clock: ManualClock, *, id_: str = P) -> None:
    """Something of everything."""
    await runs.taking.begin(id_, "a")
    rows = [item(number, categories=("1", "2"), year=2000, words=f"title{number}") for number in range(30)]
    for kind in ("channels", "movies", "series"):
        await runs.rows(kind, "a", rows, id_=id_)
    await runs.rows("episodes", "a", [episode(1, 7)], id_=id_)
    now = int(clock.time())
    await runs.rows("programmes", "a", [programme("one", now, now + 3600)], id_=id_)
    await runs.taking.finish(id_, "a", RunFinished(is_whole=True, has_guide=True))
    await runs.database.execute(
        "INSERT INTO library_favourites (account_id, profile_id, item, at)"
        " SELECT 'account', 'profile', MIN(id), 1 FROM library_items WHERE provider ="
        " (SELECT number FROM library_providers WHERE id = :id)",
        id=id_,
    )
    await Players.made(runs.database, Told(), clock=clock, tasks=Tasks()).kept.make(id_)


async def counted(database: Database) -> dict[str, int]:
    found = dict[str, int]()
    for table in TABLES:
        row = await database.fetch_one(f"SELECT count(*) AS items FROM {table}")
        assert row is not None
        found[table] = row["items"]
    return found


async def test_what_a_removed_account_has_left_goes_in_steps(
    runs: Runs, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.store.library.removal.STEP_ROWS", 20)
    await fill(runs, clock)
    before = await counted(runs.database)
    other = await Runs.of(runs.database, clock, id_="other")
    await fill(other, clock, id_="other")
    await runs.database.execute("DELETE FROM library_providers WHERE number = :number", number=other.number)
    await runs.database.execute("INSERT INTO library_removed (number) VALUES (:number)", number=other.number)
    removal, steps = RemovalStore(runs.database, ItemStore(runs.database)), 1
    assert await removal.removed() == [other.number]
    while await removal.step(other.number):
        steps += 1
    assert steps > 5
    assert await removal.removed() == []
    assert await counted(runs.database) == before
    await runs.is_sound()


async def test_a_cleared_account_stays_and_its_next_run_is_like_a_first(
    runs: Runs, clock: ManualClock
) -> None:
    await fill(runs, clock)
    provider = await runs.parts.taking._provider(P)
    await runs.taking.begin(P, "running")
    await runs.parts.clearing.clear(provider)
    assert set((await counted(runs.database)).values()) == {0}
    with pytest.raises(RunEnded):
        await runs.rows("movies", "running", [item(1)])
    row = await runs.database.fetch_one("SELECT synced_at, run FROM library_providers")
    assert row is not None
    assert tuple(row) == (None, "")
    counts, _ = await runs.run("movies", [item(1)], run="b")
    assert counts.added == 1
    await runs.is_sound()


async def test_upkeep_counts_words_again_and_is_done_once_a_week(runs: Runs, clock: ManualClock) -> None:
    rows = [item(number, words=f"common rare{number}") for number in range(20)]
    await runs.run("movies", rows, run="a")
    await runs.run("movies", rows[5:], run="b")
    words = "SELECT word, items FROM library_words ORDER BY word"
    assert ("common", 20) in [tuple(row) for row in await runs.database.fetch_all(words)]
    await runs.parts.upkeep.look()
    told = [tuple(row) for row in await runs.database.fetch_all(words)]
    assert told == [("common", 15), *((f"rare{number}", 1) for number in sorted(range(5, 20), key=str))]
    edits = await runs.database.fetch_all("SELECT DISTINCT word FROM library_edits")
    assert {row["word"] for row in edits} == {word for word, _ in told}
    await runs.database.execute("UPDATE library_words SET items = 99")
    clock.advance(WEEK_S - 10)
    await runs.parts.upkeep.look()
    assert ("common", 99) in [tuple(row) for row in await runs.database.fetch_all(words)]
    clock.advance(20)
    await runs.parts.upkeep.look()
    assert ("common", 15) in [tuple(row) for row in await runs.database.fetch_all(words)]


def put_provider(folder: Path, id_: str = P) -> None:
    with closing(sqlite3.connect(folder / "catalog.db")) as db, db:
        db.execute(
            "INSERT INTO library_providers (id, account_id, profile_id, kind, name, sealed, address_hash,"
            " created_at) VALUES (?, 'account-1', 'profile-1', 'xtream', 'My panel', x'00', ?, 1)",
            (id_, id_),
        )


async def refused(catalog: Catalog, path: str, **told: Any) -> tuple[int, str]:
    answer = await catalog.send("POST", path, told.pop("body", None), **told)
    return answer.status, msgspec.json.decode(answer.body)["code"]


async def test_sync_hands_over_and_the_owner_is_told_and_may_clear(tmp_path: Path) -> None:
    async with running_catalog(tmp_path) as catalog:
        put_provider(tmp_path)
        client, deadline = HandoverClient(catalog.service), catalog.deadline
        with pytest.raises(NotFound):
            await client.hashes("nobody", "movies", deadline=deadline)
        await client.begin(P, "run", deadline=deadline)
        rows = [item(number) for number in range(5)]
        counts = await client.put_rows(P, "movies", "run", encoded([rows]), deadline=deadline)
        assert counts.added == 5
        assert await client.hashes(P, "movies", deadline=deadline) == packed([row.hash for row in rows])
        gone = await client.remove_gone(P, "movies", "run", packed([rows[0].hash]), deadline=deadline)
        assert gone.removed == 1
        with pytest.raises(Conflict) as ended:
            await client.put_rows(P, "movies", "other", encoded([rows]), deadline=deadline)
        assert ended.value.code == "run_ended"
        everything = packed(array.array("q", [row.hash for row in rows]))
        with pytest.raises(Conflict) as refusal:
            await client.remove_gone(P, "movies", "run", everything, deadline=deadline)
        assert refusal.value.code == "would_remove_too_much"
        await client.finish(P, "run", RunFinished(is_whole=True), deadline=deadline)

        changes = await catalog.get(f"/api/v1/library/accounts/{P}/changes")
        assert changes["run_number"] == 1
        assert [(one["what"], one["name"], bool(one["id"])) for one in changes["items"]][-1] == (
            "removed",
            "Title 0",
            False,
        )
        stats = await catalog.get("/api/v1/library/stats")
        assert (stats["totals"]["movies"], stats["unmatched"], stats["size_bytes"] > 0) == (4, 4, True)
        clear = f"/api/v1/library/accounts/{P}/clear"
        assert await refused(catalog, clear, body={"confirm": "my panel"}) == (409, "not_confirmed")
        assert (await catalog.send("POST", clear, {"confirm": "My panel"})).status == 204
        assert (await catalog.get("/api/v1/library/stats"))["totals"]["movies"] == 0


async def test_nobody_else_is_told_or_may_clear(tmp_path: Path) -> None:
    async with running_catalog(tmp_path) as catalog:
        put_provider(tmp_path)
        one = f"/api/v1/library/accounts/{P}"
        for identity in (OTHER_PROFILE, OTHER_ACCOUNT):
            answer = await catalog.send("GET", f"{one}/changes", identity=identity)
            assert answer.status == 404
            body = {"confirm": "My panel"}
            assert await refused(catalog, f"{one}/clear", body=body, identity=identity) == (
                404,
                "provider_not_found",
            )
        stats = await catalog.get("/api/v1/library/stats", identity=OTHER_ACCOUNT)
        assert stats["size_bytes"] is None
        status, _ = await refused(catalog, "/api/v1/library/upkeep", identity=OTHER_ACCOUNT)
        assert status == 403
        assert (await catalog.send("POST", "/api/v1/library/upkeep")).status == 204
        assert (await catalog.get("/api/v1/library/stats"))["upkept_at"] is not None

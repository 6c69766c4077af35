"""What is brought from another hub: put where nothing is, on both engines, and for its owner alone."""

from __future__ import annotations

from libs.common.db import Database, Value
from services.catalog.model import Owner
from services.catalog.store.addons import AddonStore
from services.catalog.store.moving import MovingStore
from services.catalog.store.tmdb_choices import TmdbChoiceStore
from tests.catalog.store.rows import OTHERS, OWNER, add, addon

CHOICE: dict[str, Value] = {
    "kind": "catalog",
    "type": "movie",
    "catalog_id": "top",
    "included": False,
    "name": "Mine",
    "searchable": True,
    "position": None,
}
MERGED: dict[str, Value] = {
    "key": "aaaa",
    "type": "movie",
    "mode": "interleaved",
    "name": "Both",
    "included": True,
    "searchable": True,
    "position": 3,
}


async def moved(store: MovingStore, owner: Owner, kind: str) -> list[dict[str, object]]:
    return [
        dict(row)
        async for name, row in store.rows(owner.account_id)
        if name == kind and row["profile_id"] == owner.profile_id
    ]


async def test_rows_are_put_once_and_what_is_there_stays(store: AddonStore, database: Database) -> None:
    moving, one = MovingStore(database), addon("one")
    await add(store, one)
    choice: dict[str, Value] = {**CHOICE, "addon_id": one.id}
    member: dict[str, Value] = {
        "addon_id": one.id,
        "type": "movie",
        "catalog_id": "top",
        "row_key": "aaaa",
        "place": 0,
    }
    said: dict[str, Value] = {"kind": "movie", "one": "a", "other": "b", "same": True, "chosen_at": 5}
    shown: dict[str, Value] = {"hide_watched": True, "description": False, "release_info": False}
    for look, expected in (
        (True, "added"),
        (False, "added"),
        (False, "there"),
        (True, "there"),
    ):
        for kind, row in (
            ("row_choices", choice),
            ("merged_rows", MERGED),
            ("merged_row_members", member),
            ("title_choices", said),
            ("viewing_choices", shown),
        ):
            assert await moving.put(OWNER, kind, [row], look=look, room=1) == [expected]
    assert await moving.put(OWNER, "row_choices", [{**choice, "name": "Other"}], look=False, room=9) == [
        "there"
    ]
    arrangement = (await store.shelf(OWNER)).arrangement
    assert [each.name for each in arrangement.choices.values()] == ["Mine"]
    assert [[key.addon_id for key in row.members] for row in arrangement.merged] == [[one.id]]
    for other in OTHERS:
        assert await moved(moving, other, "title_choices") == []


async def test_what_there_is_no_room_for_is_refused_and_what_is_there_is_not(database: Database) -> None:
    moving, rows = MovingStore(database), [{**MERGED, "key": key} for key in "abc"]
    for look in (True, False):
        assert await moving.put(OWNER, "merged_rows", rows, look=look, room=2) == [
            "added",
            "added",
            "refused",
        ]
    assert await moving.put(OWNER, "merged_rows", rows, look=False, room=0) == ["there", "there", "refused"]
    assert await moving.count(OWNER, "merged_rows") == 2
    assert [await moving.count(other, "merged_rows") for other in OTHERS] == [0] * len(OTHERS)


async def test_every_put_raises_the_revision_and_a_look_does_not(
    store: AddonStore, database: Database
) -> None:
    moving = MovingStore(database)
    await moving.put(OWNER, "merged_rows", [MERGED], look=True, room=1)
    assert await store.revision(OWNER) == 0
    await moving.put(OWNER, "merged_rows", [MERGED], look=False, room=1)
    assert await store.revision(OWNER) == 1


async def test_a_key_of_the_account_stays(database: Database) -> None:
    keys = TmdbChoiceStore(database)
    assert [await keys.put_key("a1", b"first", at=1, look=look) for look in (True, False, False, True)] == [
        True,
        True,
        False,
        False,
    ]
    assert await keys.put_key("a2", b"other", at=1, look=True)

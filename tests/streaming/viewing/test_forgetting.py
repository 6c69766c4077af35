"""What a profile watched goes with it, and what nobody needs any more goes with time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.contracts.removals import Removal
from libs.common.contracts.viewing import NewMark
from libs.common.errors import NotFound
from tests.fakes.clock import ManualClock
from tests.owned_rows import Tables, Whose
from tests.streaming.viewing.conftest import Viewer, within
from tests.waiting import until

DAY_S = 24 * 3600.0


async def settled(viewer: Viewer) -> None:
    await viewer.at("tt1", 60)
    await viewer.mark("tt2", type="movie")
    await viewer.client.put_on_watchlist(viewer.identity, "tt3", NewMark(), deadline=within())


async def held(viewer: Viewer) -> list[Any]:
    lists = [await viewer.listed(which) for which in ("continue", "watched", "watchlist")]
    return [item for items in lists for item in items] + await viewer.events()


async def test_only_the_profile_that_is_gone_is_forgotten(ann: Viewer, kid: Viewer) -> None:
    for viewer in (ann, kid):
        await settled(viewer)
    gone = Removal(id="r1", account_id="a1", profile_id="p2", at=datetime.now(UTC))
    for _ in range(2):
        await ann.client.forget_owner(gone, within())
    assert (await held(kid), len(await held(ann))) == ([], 5)
    await ann.client.forget_owner(Removal(id="r2", account_id="a1", at=datetime.now(UTC)), within())
    assert await held(ann) == []


async def test_old_marks_and_events_go_and_what_was_watched_stays(ann: Viewer, clock: ManualClock) -> None:
    old = await ann.mark("tt1", type="movie")
    clock.advance(31 * DAY_S)

    async def are_gone() -> bool:
        return not await ann.events()

    await until(are_gone)
    with pytest.raises(NotFound):
        await ann.undo(old)
    await ann.undo(await ann.mark("tt2", type="movie"))
    assert [item.title_id for item in await ann.listed("watched")] == ["tt1"]


async def test_no_table_keeps_anything_of_who_is_gone(ann: Viewer, database_url: str) -> None:
    tables = Tables(database_url, "streaming")
    gone, kid, other = Whose("gone", "p1", 901), Whose("gone", "p2", 902), Whose("other", "p1", 903)
    await tables.put(gone, kid, other)
    before = await tables.of(other)
    await ann.client.forget_owner(
        Removal(id="r1", account_id="gone", profile_id="p2", at=datetime.now(UTC)), within()
    )
    assert await tables.of(gone) == before
    await ann.client.forget_owner(Removal(id="r2", account_id="gone", at=datetime.now(UTC)), within())
    assert (await tables.of(gone), await tables.of(other)) == ({}, before)

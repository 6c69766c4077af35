"""What a profile watched goes with it, and what nobody needs any more goes with time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.contracts.removals import Removal
from libs.common.contracts.viewing import NewMark
from libs.common.errors import NotFound
from services.streaming.viewing.graph import TIDY_EVERY_S
from tests.fakes.clock import ManualClock, settle
from tests.streaming.viewing.conftest import HOUR_S, Viewer, within
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


async def test_marks_are_undone_for_a_day_and_events_kept_for_a_month(
    ann: Viewer, clock: ManualClock
) -> None:
    old = await ann.mark("tt1", type="movie")
    clock.advance(DAY_S - 60)
    new = await ann.mark("tt2", type="movie")
    clock.advance(2 * TIDY_EVERY_S)
    await settle()

    async def is_too_old() -> bool:
        try:
            await ann.undo(old)
        except NotFound:
            return True
        pytest.fail("was undone")

    await until(is_too_old)
    await ann.undo(new)
    assert len(await ann.events()) == 3
    clock.advance(31 * DAY_S)

    async def are_gone() -> bool:
        return not await ann.events()

    await until(are_gone)
    assert [item.title_id for item in await ann.listed("watched")] == ["tt1"]
    await ann.at("tt1", HOUR_S)

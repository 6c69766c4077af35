"""A process that ends while it applies what was told: the next one goes on where it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.viewing_handover import ToldCounts, WatchedRow
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from services.streaming.store.viewing import ViewingStore
from services.streaming.store.viewing_told import ToldStore
from services.streaming.told_model import Staged, Teller
from services.streaming.viewing import applying
from services.streaming.viewing.applying import Applying
from services.streaming.viewing.hot import NoneHot
from services.streaming.viewing.staging import Staging
from services.streaming.viewing_model import Owner, VideoKey
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.telling import episode

OWNER = Owner("a1", "p1")
TELLER = Teller(OWNER, "trakt", "watched")


class Killed(Exception):
    pass


@dataclass
class Dying(NoneHot):
    """Ends the process after so many transactions."""

    after: int
    seen: list[int] = field(default_factory=list)

    async def expect(self, keys: Collection[VideoKey]) -> None:
        self.seen.append(1)
        if len(self.seen) >= self.after:
            raise Killed


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service="streaming")
    database = await open_database(database_url, schema="streaming", clock=SystemClock())
    yield database
    await database.aclose()


@pytest.mark.parametrize("after", [1, 2, 5, 9])
async def test_what_was_accepted_is_applied_to_its_end(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(applying, "BATCH", 3)
    told = ToldStore(database)
    dying = Applying(told, Dying(after), watched_share=0.9, clock=clock)
    staging = Staging(told, dying, clock=clock, new_id=lambda: "run")
    rows = [episode(1, number, of=f"tt{of}", aired=7) for of in (1, 2, 3, 4) for number in range(1, 8)]
    run = await staging.begin(TELLER)
    await staging.stage(TELLER, run, [_staged(row) for row in rows])
    await staging.accept(TELLER, run, ToldCounts(seen=28))
    with pytest.raises(Killed):
        await dying.finish(TELLER)
    await Applying(told, NoneHot(), watched_share=0.9, clock=clock).resume()
    telling = await told.telling(TELLER)
    assert telling is not None
    assert (telling.state, telling.held, telling.counts.added, telling.counts.seen) == ("done", 28, 28, 28)
    found = await ViewingStore(database).flags(OWNER, ["tt1", "tt2", "tt3", "tt4"], now_ms=0)
    assert [(one.completed, one.aired) for one in found] == [(7, 7)] * 4
    assert await told.unfinished() == []
    (held,) = await database.fetch_all("SELECT titles, videos FROM viewing_profiles")
    assert (held["titles"], held["videos"]) == (4, 28)


async def test_of_a_profile_that_is_gone_nothing_comes_back(database: Database, clock: ManualClock) -> None:
    told = ToldStore(database)
    applying_ = Applying(told, NoneHot(), watched_share=0.9, clock=clock)
    staging = Staging(told, applying_, clock=clock, new_id=lambda: "run")
    run = await staging.begin(TELLER)
    await staging.stage(TELLER, run, [_staged(episode(1, 1))])
    await staging.accept(TELLER, run, ToldCounts())
    for table in ("viewing_profiles", "viewing_tellings"):
        await database.execute(f"DELETE FROM {table}")
    await applying_.finish(TELLER)
    assert await database.fetch_all("SELECT 1 FROM viewing_profiles") == []
    assert await database.fetch_all("SELECT 1 FROM viewing_videos") == []


def _staged(row: WatchedRow) -> Staged:
    return Staged(row.video_id, row.title_id, row)

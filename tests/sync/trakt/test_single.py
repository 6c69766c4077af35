"""Whether one title was watched, asked of Trakt until all was read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.deadline import Deadline
from libs.common.tasks import Tasks
from services.sync.trakt import single
from services.sync.trakt.single import Singles
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Movie, Person, Show
from tests.sync.trakt.reading import Reading, reading
from tests.sync.trakt.replicas import ADA, BEN, Replica

FILM_CALLS = {"GET /search/imdb": 1, "history/movies": 1}


@pytest.fixture
async def sync(
    one: Replica, trakt: FakeTrakt, ada: Person, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Reading]:
    """One whose first reading has begun, and goes no further by itself."""
    await one.connect(trakt, ada)
    async with reading(one, trakt, tmp_path, clock) as running:
        await running.schedule.look()
        trakt.calls.clear()
        yield running


@pytest.fixture
async def singles(sync: Reading, clock: ManualClock) -> AsyncIterator[Singles]:
    tasks = Tasks()
    yield Singles(sync.syncs, sync.replica.access, tasks, clock)
    await tasks.aclose()


@pytest.fixture
def film(trakt: FakeTrakt) -> Movie:
    return trakt.titles.movie("Metropolis", imdb="tt0017136")


@pytest.fixture
def show(trakt: FakeTrakt) -> Show:
    return trakt.titles.show("The Line", imdb="tt0306414", seasons={0: 1, 1: 2})


async def ask(
    singles: Singles, sync: Reading, title_id: str, type_: str = "movie", *, within_s: float = 10.0
) -> bool | None:
    within = Deadline.after(sync.clock, within_s)
    return await singles.watched(ADA, type_, title_id, deadline=within)


async def test_one_question_answers_all_who_ask_at_a_time(
    singles: Singles, sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    said = await asyncio.gather(*(ask(singles, sync, "tt0017136") for _ in range(20)))
    assert (set(said), sync.asked()) == ({True}, FILM_CALLS)
    assert (await ask(singles, sync, "tt0017136"), sync.asked()) == (True, {})


async def test_a_show_is_watched_when_all_that_has_aired_was(
    singles: Singles, sync: Reading, ada: Person, show: Show
) -> None:
    ada.watch(show[1, 1])
    assert await ask(singles, sync, "tt0306414", "series") is False
    ada.watch(show[1, 2])
    sync.clock.advance(single.FRESH_MS / 1000)
    assert await ask(singles, sync, "tt0306414", "series") is True


async def test_what_trakt_does_not_know_was_not_watched(singles: Singles, sync: Reading) -> None:
    assert await ask(singles, sync, "tt9") is False
    assert await ask(singles, sync, "tt9", "series") is False


async def test_what_was_said_last_counts_while_trakt_is_away(
    singles: Singles, sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    await ask(singles, sync, "tt0017136")
    sync.clock.advance(3 * 3600)
    sync.trakt.fail(503, times=None)
    assert await ask(singles, sync, "tt0017136") is True
    assert await ask(singles, sync, "tt9") is None


async def test_whoever_can_not_wait_goes_without(
    singles: Singles, sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    held = sync.trakt.fail(-1, on="GET /search")
    assert await ask(singles, sync, "tt0017136", within_s=0.05) is None
    held.healed.set()
    assert await ask(singles, sync, "tt0017136") is True


async def test_once_all_was_read_trakt_is_asked_no_more(
    singles: Singles, sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    await ask(singles, sync, "tt0017136")
    await sync.timed(sync.worker.work_once())
    sync.asked()
    assert await ask(singles, sync, "tt0017136") is None
    assert (sync.asked(), await sync.syncs.answer(ADA, "tt0017136")) == ({}, None)


async def test_nothing_else_is_asked_about(singles: Singles, sync: Reading, clock: ManualClock) -> None:
    assert await ask(singles, sync, "tt1/../x") is None
    assert await ask(singles, sync, "kitsu:1", "series") is None
    assert await ask(singles, sync, "tt1", "channel") is None
    assert await singles.watched(BEN, "movie", "tt1", deadline=Deadline.after(clock, 1)) is None
    assert sync.asked() == {}

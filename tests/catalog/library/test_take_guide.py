"""The guide and the episodes of lists, as runs hand them over, on both engines."""

from __future__ import annotations

import pytest

from services.catalog.errors import LibraryWouldShrink
from services.catalog.library.lines import episode_context
from tests.catalog.library.runs import BOX, P, Runs, episode, item, programme
from tests.fakes.clock import ManualClock

DAY = 86_400


@pytest.fixture
def now(clock: ManualClock) -> int:
    return int(clock.time())


async def titles(runs: Runs) -> list[str]:
    return [
        title for _, _, title in await runs.stored("start", "guide_id", "title", table="library_programmes")
    ]


async def test_a_new_guide_replaces_what_is_still_to_come(runs: Runs, now: int) -> None:
    first = [programme("one", now + at * 3600, now + (at + 1) * 3600, f"Show {at}") for at in range(5)]
    counts, _ = await runs.run("programmes", first, run="a")
    assert counts.added == 5
    second = [*first[:3], programme("one", now + 3 * 3600, now + 5 * 3600, "Film")]
    counts, gone = await runs.run("programmes", second, run="b")
    assert (counts.added, counts.changed, gone.removed) == (0, 1, 1)
    assert await titles(runs) == ["Show 0", "Show 1", "Show 2", "Film"]
    words = await runs.stored("word", "sort", table="library_programme_words")
    assert {word for word, _ in words} == {"show", "0", "1", "2", "film"}


async def test_an_empty_guide_empties_nothing(runs: Runs, now: int) -> None:
    await runs.run("programmes", [programme("one", now, now + 3600)], run="a")
    with pytest.raises(LibraryWouldShrink, match="the old one stays"):
        await runs.run("programmes", [], run="b")
    assert len(await titles(runs)) == 1


async def test_what_ended_stays_for_as_long_as_it_can_be_watched_again(
    runs: Runs, clock: ManualClock, now: int
) -> None:
    channels = [item(1, guide_id="archived", more='{"archive_days":3}'), item(2, guide_id="live")]
    await runs.run("channels", channels, run="a")
    rows = [programme(channel, now, now + 60, channel) for channel in ("archived", "live")]
    later = [programme(channel, now + 9 * DAY, now + 10 * DAY, "later") for channel in ("archived", "live")]
    await runs.run("programmes", [*rows, *later], run="b")
    clock.advance(2 * DAY)
    _, gone = await runs.run("programmes", later, run="c")
    assert gone.removed == 0
    assert await titles(runs) == ["archived", "later", "later"]
    clock.advance(2 * DAY)
    await runs.run("programmes", later, run="d")
    assert await titles(runs) == ["later", "later"]


async def test_when_the_guide_came_is_told(runs: Runs, clock: ManualClock) -> None:
    await runs.taking.begin(P, "a")
    await runs.finish("a")
    synced = "synced_at, guide_synced_at, run"
    row = await runs.database.fetch_one(f"SELECT {synced} FROM library_providers")
    assert row is not None
    assert tuple(row) == (int(clock.time() * 1000), None, "")
    await runs.taking.begin(P, "b")
    await runs.finish("b", has_guide=True)
    row = await runs.database.fetch_one(f"SELECT {synced} FROM library_providers")
    assert row is not None
    assert row["guide_synced_at"] == int(clock.time() * 1000)


async def test_episodes_of_lists_come_with_their_series(runs: Runs) -> None:
    await runs.run("series", [item(7, "Show"), item(8, "Other")], run="a", finish=False)
    counts, _ = await runs.run("episodes", [episode(1, 7), episode(2, 7), episode(3, 99)], run="a")
    assert counts.added == 2
    series = (await runs.ids())[7]
    stored = await runs.stored("panel_id", "series", "id", "sealed_url", table="library_episodes")
    assert [row[:2] for row in stored] == [(1, series), (2, series)]
    opened = BOX.open(stored[0][3], context=episode_context(runs.number, 1))
    assert opened == b"http://panel.example/e"
    counts, gone = await runs.run(
        "episodes", [episode(1, 7, "Named"), *map(lambda n: episode(n, 7), (4, 5))], run="b"
    )
    assert (counts.added, counts.changed, gone.removed) == (2, 1, 1)
    again = await runs.stored("panel_id", "id", table="library_episodes")
    assert dict(again)[1] == stored[0][2]
    await runs.run("series", [item(8, "Other")], run="c")
    assert await runs.stored("id", "series", table="library_episodes") == []

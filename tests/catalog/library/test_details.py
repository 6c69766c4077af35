"""Details of films and series on both engines: asked when wanted, kept while panels are away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from services.catalog.errors import ItemNotFound, ProviderNotFound
from services.catalog.library.details import BELIEVED, DAY_MS, KNOWN_MS, LONGEST_RETRY_MS
from services.catalog.model import Owner
from tests.catalog.library.asking import OWNER, Asking, LeapingClock, asking_of
from tests.fakes.panel.details import season_counts
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel

LIBRARY = Library(seed=7, films=60, channels=5, series=40)
OTHERS = (Owner("account", "other"), Owner("other", "profile"))


def series_id(index: int = 0) -> int:
    return LIBRARY.id_of("series", index)


def film_id(index: int = 0) -> int:
    return LIBRARY.id_of("vod", index)


@pytest.fixture
async def asking(database: Database) -> AsyncIterator[Asking]:
    clock = LeapingClock()
    async with FakePanel(LIBRARY, clock=clock) as panel, asking_of(database, panel, clock) as asking:
        yield asking


async def test_a_series_is_asked_for_once_and_told_with_its_seasons_and_episodes(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id(), added=5)

    first = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    again = await asking.details.of_series(OWNER, item, deadline=asking.deadline)

    counts = season_counts(LIBRARY, 0)
    assert first == again
    assert first.problem == ""
    assert first.told.plot
    assert first.fetched_at == int(asking.clock.time() * 1000)
    assert {each.number for each in first.seasons} == set(counts)
    assert {(each.season, each.number) for each in first.episodes} == {
        (season, number + 1) for season, count in counts.items() for number in range(count)
    }
    assert all(each.id > item and each.extension for each in first.episodes)
    assert asking.panel.calls["get_series_info"] == 1


async def test_a_film_is_told_with_its_tracks(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "vod", film_id())

    told = (await asking.details.of_movie(OWNER, item, deadline=asking.deadline)).told

    assert told.plot
    assert told.duration_s
    assert told.release_date
    assert told.backdrops


async def test_what_a_list_left_open_goes_into_the_item_which_is_matched_anew(asking: Asking) -> None:
    provider = await asking.account()
    index = next(
        index
        for index in range(60)
        if str((LIBRARY.row("vod", film_id(index)) or {}).get("tmdb") or "0") not in ("0", "")
    )
    (item,) = await asking.shelve(provider, "vod", film_id(index))
    await asking.database.execute("UPDATE library_items SET match_rule = 'none'")

    await asking.details.of_movie(OWNER, item, deadline=asking.deadline)

    row = await asking.database.fetch_one("SELECT year, tmdb, match_rule FROM library_items")
    facet = await asking.database.fetch_one("SELECT value, items FROM library_facets WHERE facet = 'year'")
    assert row is not None
    assert facet is not None
    assert (row["tmdb"] > 0, row["match_rule"]) == (True, "")
    assert (facet["value"], facet["items"]) == (row["year"], 1)


async def test_totals_are_counted_again_once_something_was_written(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id(), added=5)
    before = (await asking.providers.totals([provider]))[provider.number]

    told = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    provider = await asking.providers.get(OWNER, provider.id)
    after = (await asking.providers.totals([provider]))[provider.number]

    assert (before.episodes, after.episodes) == (0, len(told.episodes))
    assert (await asking.providers.totals([provider]))[provider.number] == after


async def test_nobody_else_is_told_of_it(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id())
    (film,) = await asking.shelve(provider, "vod", film_id())

    for owner in OTHERS:
        with pytest.raises(ItemNotFound):
            await asking.details.of_series(owner, item, deadline=asking.deadline)
        with pytest.raises(ItemNotFound):
            await asking.details.of_movie(owner, film, deadline=asking.deadline)
    with pytest.raises(ItemNotFound):
        await asking.details.of_movie(OWNER, item, deadline=asking.deadline)
    assert not asking.panel.calls["get_series_info"]


async def test_everybody_who_asks_at_once_shares_one_question(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id())

    told = await asyncio.gather(
        *(asking.details.of_series(OWNER, item, deadline=asking.deadline) for _ in range(5))
    )

    assert len({len(each.episodes) for each in told}) == 1
    assert asking.panel.calls["get_series_info"] == 1


async def test_a_series_that_changed_is_asked_again_and_episodes_that_are_there_keep_their_ids(
    asking: Asking,
) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id(), added=5)
    before = await asking.details.of_series(OWNER, item, deadline=asking.deadline)

    lost, *others = before.episodes
    await asking.database.execute(
        "UPDATE library_episodes SET panel_id = 1, title = 'Gone' WHERE id = :id", id=lost.id
    )
    await asking.touch(item, 6)
    after = await asking.details.of_series(OWNER, item, deadline=asking.deadline)

    assert asking.panel.calls["get_series_info"] == 2
    assert [each for each in after.episodes if each.panel_id != lost.panel_id] == others
    (found,) = {each.id for each in after.episodes} - {each.id for each in others}
    assert found > max(each.id for each in before.episodes)


async def test_an_old_answer_is_asked_again_in_time(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id(), added=5)
    await asking.details.of_series(OWNER, item, deadline=asking.deadline)

    asking.clock.advance(KNOWN_MS / 1000 - 60)
    await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    assert asking.panel.calls["get_series_info"] == 1
    asking.clock.advance(120)
    await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    assert asking.panel.calls["get_series_info"] == 2


async def test_a_panel_that_is_away_leaves_what_was_told_with_a_problem(asking: Asking) -> None:
    provider = await asking.account()
    item, other = await asking.shelve(provider, "series", series_id(), series_id(1), added=5)
    before = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    await asking.touch(item, 6)
    await asking.panel.stop()

    old = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    missing = await asking.details.of_series(OWNER, other, deadline=asking.deadline)

    assert (old.episodes, old.told) == (before.episodes, before.told)
    assert "asked again" in old.problem
    assert (missing.episodes, missing.fetched_at) == ((), None)
    assert missing.problem


@pytest.mark.parametrize("fault", ["whole_[]", "episodes_missing"])
async def test_episodes_go_only_when_the_panel_has_said_so_several_times(asking: Asking, fault: str) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id(), added=5)
    before = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
    asking.panel.fail(fault, "get_series_info")
    await asking.touch(item, 6)

    for _ in range(BELIEVED - 1):
        told = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
        assert told.episodes == before.episodes
        assert told.problem
        asking.clock.advance(LONGEST_RETRY_MS / 1000 + 1)
    told = await asking.details.of_series(OWNER, item, deadline=asking.deadline)

    assert told.episodes == ()
    assert told.problem == ""


@pytest.mark.parametrize("poisoned", [False, True])
async def test_a_panel_that_bans_an_account_is_left_alone_and_nothing_it_says_is_believed(
    asking: Asking, poisoned: bool
) -> None:
    provider = await asking.account()
    items = await asking.shelve(provider, "series", *map(series_id, range(6)), added=5)
    asking.panel.fail("http_429_after_n_infos", after=3, poisoned=poisoned, lasts_s=100.0)

    step = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)
    asked = asking.panel.calls.total()
    at_once = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)

    assert (step.done, step.left) == (3, 3)
    assert step.wait_s > 60
    assert step.problem
    assert (at_once.done, at_once.left, asking.panel.calls.total()) == (0, 3, asked)
    asking.clock.advance(step.wait_s + 1)
    asking.panel.heal()
    later = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)
    assert (later.done, later.left, later.wait_s) == (3, 0, 0.0)
    for index, item in enumerate(items):
        told = await asking.details.of_series(OWNER, item, deadline=asking.deadline)
        assert len({(each.season, each.number) for each in told.episodes}) == sum(
            season_counts(LIBRARY, index).values()
        )


async def test_an_account_that_has_ended_is_known_to_have_when_details_are_asked(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id())
    asking.panel.accounts["u1"].status = "Expired"

    told = await asking.details.of_series(OWNER, item, deadline=asking.deadline)

    state = await asking.providers.get(OWNER, provider.id)
    assert state.status == "expired"
    assert told.problem == state.problem
    assert (told.fetched_at, told.episodes) == (None, ())


async def test_what_one_replica_was_told_of_waiting_the_others_keep_to(asking: Asking) -> None:
    provider = await asking.account()
    await asking.shelve(provider, "series", *map(series_id, range(3)), added=5)
    asking.panel.fail("http_429_after_n_infos", after=1)
    await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)
    asked = asking.panel.calls.total()

    async with asking_of(asking.database, asking.panel, asking.clock) as other:
        step = await other.details.fill(provider.id, limit=10, deadline=asking.deadline)

    assert (step.done, asking.panel.calls.total()) == (0, asked)
    assert step.wait_s > 60
    assert step.problem


async def test_filling_takes_series_first_in_turn_and_no_faster_than_one_a_second(asking: Asking) -> None:
    provider = await asking.account()
    await asking.shelve(provider, "vod", *map(film_id, range(3)), added=9)
    await asking.shelve(provider, "series", series_id(0), added=1)
    await asking.shelve(provider, "series", series_id(1), added=2)
    began = asking.clock.monotonic()

    first = await asking.details.fill(provider.id, limit=3, deadline=asking.deadline)
    asked = [one.params.get("series_id") for one in asking.panel.asked if one.action == "get_series_info"]
    second = await asking.details.fill(provider.id, limit=3, deadline=asking.deadline)
    third = await asking.details.fill(provider.id, limit=3, deadline=asking.deadline)

    assert asked == [str(series_id(1)), str(series_id(0))]
    assert [(step.done, step.left, step.failed) for step in (first, second, third)] == [
        (3, 2, 0),
        (2, 0, 0),
        (0, 0, 0),
    ]
    assert asking.clock.monotonic() - began >= 3


async def test_an_answer_that_can_not_be_read_is_asked_again_later_and_holds_up_no_other(
    asking: Asking,
) -> None:
    provider = await asking.account()
    await asking.shelve(provider, "series", series_id(0), series_id(1), added=5)
    asking.panel.fail("truncated_json", "get_series_info", times=1)

    step = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)
    soon = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)
    asking.clock.advance(LONGEST_RETRY_MS / 1000 + 1)
    later = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)

    assert (step.done, step.failed, step.left) == (2, 1, 0)
    assert (soon.done, soon.left) == (0, 0)
    assert (later.done, later.failed) == (1, 0)


async def test_a_title_that_the_panel_knows_nothing_of_is_not_asked_for_again_at_once(
    asking: Asking,
) -> None:
    provider = await asking.account()
    await asking.shelve(provider, "vod", 999_999)
    await asking.shelve(provider, "series", 999_998)

    step = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)
    asking.clock.advance(DAY_MS / 1000)
    again = await asking.details.fill(provider.id, limit=10, deadline=asking.deadline)

    assert (step.done, step.failed, step.left) == (2, 0, 0)
    assert again.done == 0


async def test_an_account_removed_in_the_middle_gets_no_details_any_more(asking: Asking) -> None:
    provider = await asking.account()
    (item,) = await asking.shelve(provider, "series", series_id())
    fault = asking.panel.fail("slow_first_byte", "get_series_info")

    async def remove() -> None:
        await fault.reached.wait()
        await asking.providers.remove(OWNER, provider.id)
        fault.release.set()

    question = asking.details.of_series(OWNER, item, deadline=asking.deadline)
    told, _ = await asyncio.gather(question, remove())
    assert told.episodes == ()

    for table in ("library_details", "library_seasons", "library_episodes"):
        assert not await asking.database.fetch_all(f"SELECT * FROM {table}")
    with pytest.raises(ProviderNotFound):
        await asking.details.fill(provider.id, limit=1, deadline=asking.deadline)

"""What Trakt says is believed where it is sure: nothing goes here for what could not be read."""

from __future__ import annotations

import asyncio

import pytest

from services.sync.model import Counts
from services.sync.store.trakt_syncs import PageHead
from services.sync.trakt import pages, taking
from tests.fakes.trakt import Movie, Person, Show
from tests.sync.trakt.reading import Reading
from tests.sync.trakt.replicas import ADA
from tests.waiting import until


async def test_a_list_that_has_no_end_is_cut_and_nothing_goes_for_what_was_not_read(
    sync: Reading, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync.trakt.reading.most = 10
    ids = [f"tt{1000 + number}" for number in range(35)]
    for id_ in ids:
        ada.watch(sync.trakt.titles.movie(f"Film {id_}", imdb=id_), 1000)
    await sync.look()
    sync.asked()
    (head, *_) = await pages.Pages(sync.replica.access, sync.syncs, sync.clock).read(ADA, "movies", _nobody)
    monkeypatch.setattr(pages, "MAX_BYTES", 2 * head.size_bytes - 1)
    await sync.syncs.drop_pages(ADA)
    ada.watch(sync.trakt.titles.movie("One more", imdb="tt999"))
    sync.asked()
    counts = await sync.later()
    assert counts is not None
    assert (sync.asked()["watched/movies"], counts["movies"].removed) == (2, 0)
    assert len(await sync.ada.flags(*ids)) == 35


async def _nobody(_heads: object) -> None:
    """Is told how far it is."""


async def test_a_show_without_its_seasons_takes_nothing_away(
    sync: Reading, ada: Person, film: Movie, show: Show
) -> None:
    ada.watch(show[1, 1])
    await sync.look()
    sync.trakt.reading.null_seasons.add(show)
    other = sync.trakt.titles.show("Another", imdb="tt9")
    ada.watch(other[1, 1])
    counts = await sync.later()
    assert counts is not None
    assert (counts["shows"].added, counts["shows"].removed) == (1, 0)


async def test_an_item_that_nobody_can_read_takes_nothing_away(
    sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    await sync.look()
    ada.unwatch(film)
    body = b'[{"movie": {"title": "A", "ids": {"trakt": 7, "imdb": "tt77"}}}, {"movie": 8}, 9]'
    sync.trakt.fail(200, on="GET /sync/watched/movies", body=body)
    counts = await sync.later()
    assert counts is not None
    assert (counts["movies"].added, counts["movies"].removed) == (1, 0)
    assert set(await sync.ada.flags("tt0017136", "tt77")) == {"tt0017136", "tt77"}


async def test_a_title_that_no_player_could_name_is_counted_and_left_out(sync: Reading, ada: Person) -> None:
    ada.watch(sync.trakt.titles.movie("Nameless"))
    ada.watch(sync.trakt.titles.movie("By TMDB", tmdb=5))
    counts = await sync.look()
    assert counts is not None
    assert counts["movies"] == Counts(seen=1, added=1, remarks={"nameless": 1})
    assert (await sync.ada.flags("tmdb:5"))["tmdb:5"].watched


async def test_a_list_that_lost_most_is_believed_when_it_still_says_so_an_hour_later(
    sync: Reading, ada: Person
) -> None:
    films = [sync.trakt.titles.movie(f"Film {number}", imdb=f"tt{number}") for number in range(1, 12)]
    for one in films:
        ada.watch(one)
    await sync.look()
    for one in films:
        ada.unwatch(one)
    counts = await sync.later()
    assert counts is not None
    assert counts["movies"].remarks == {"guarded": 1}
    assert (await sync.replica.held()).remark == "doubted"
    sync.asked()
    assert await sync.later() is None
    assert sync.asked() == {"last_activities": 1}
    assert (await sync.ada.flags("tt1"))["tt1"].watched
    sync.clock.advance(taking.SURE_AFTER_MS / 1000)
    counts = await sync.look()
    assert counts is not None
    assert counts["movies"].removed == 11
    assert ((await sync.replica.held()).remark, await sync.ada.flags("tt1")) == ("", {})


async def test_the_few_entries_of_a_list_may_all_go_where_trakt_says_that_it_has_changed(
    sync: Reading, ada: Person, film: Movie
) -> None:
    ada.list_(film)
    await sync.look()
    sync.trakt.fail(200, on="GET /sync/watchlist", body=b"[]")
    assert (await sync.run("full")).counts["watchlist"].remarks == {"guarded": 1}
    assert (await sync.ada.flags("tt0017136"))["tt0017136"].in_watchlist
    ada.unlist(film)
    counts = await sync.later()
    assert counts is not None
    assert counts["watchlist"].removed == 1
    assert ((await sync.replica.held()).remark, await sync.ada.flags("tt0017136")) == ("", {})


async def test_a_list_that_changes_while_it_is_read_takes_nothing_away_and_is_read_again(
    sync: Reading, ada: Person
) -> None:
    sync.trakt.reading.most = 2
    films = [sync.trakt.titles.movie(f"Film {number}", imdb=f"tt{number}") for number in range(1, 6)]
    for one in films:
        ada.watch(one, 1000)
    await sync.look()
    ada.unwatch(films[0])
    held = sync.trakt.fail(-1, on="GET /sync/watched/movies", after=1)
    sync.clock.advance(300)
    await sync.schedule.look()

    async def is_held() -> bool:
        return held.shown == 1

    working = asyncio.ensure_future(sync.worker.work_once())  # noqa: TID251  ends here
    await until(is_held)
    # The third page's only film moves to the second: whoever reads on misses none, but one was seen twice.
    ada.unwatch(films[1])
    held.healed.set()
    assert await sync.timed(working)
    while (await sync.held()).going is not None:
        sync.clock.advance(10)
        await sync.timed(sync.worker.work_once())
    assert len(await sync.ada.flags(*(f"tt{number}" for number in range(1, 6)))) == 5
    counts = await sync.later()
    assert counts is not None
    assert counts["movies"].removed == 2


async def test_a_page_that_is_missing_does_not_pass_for_an_empty_one(sync: Reading) -> None:
    reading_ = pages.Pages(sync.replica.access, sync.syncs, sync.clock)
    head = PageHead(number=1, is_last=True, keys=(1,))
    with pytest.raises(pages.PagesGone):
        assert [row async for row in reading_.rows(ADA, "movies", [head])]

"""What to continue and the watchlist: on the home page, and in full."""

from __future__ import annotations

import pytest

from libs.common.errors import UpstreamTimedOut
from services.gateway.pages.viewing.entries import STRIP
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.viewing.service import begun, item


async def test_home_begins_with_what_goes_on_then_what_is_to_be_watched(owner: Browser, inner: Inner) -> None:
    next_one = item(
        "tt2", "Serial", type="series", video_id="tt2:1:4", season=1, episode=4, reason="next", share=0.3
    )
    inner.viewing.lists = {
        "continue": [begun("tt1", "Half seen", 2590, 3600), next_one],
        "watchlist": [item("tt3", "Some day", in_watchlist=True)],
    }
    page = await owner.open("/")
    places = [
        page.words.index(words)
        for words in ("Continue watching", "17 min left", "Next: S1 E4", "Some day", "Silent and early")
    ]
    assert places == sorted(places)
    assert "72 % watched" in page.words
    assert {"/watch/movie/tt1", "/watch/series/tt2%3A1%3A4", "/title/movie/tt3"} <= set(page.links)


async def test_what_was_watched_before_and_goes_on_shows_where_it_is(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["continue"] = [begun("tt1", "Once more", 2590, 3600, watched=True)]
    for path in ("/", "/viewing/continue"):
        assert "72 % watched" in (await owner.open(path)).words


async def test_who_watches_nothing_sees_rows_alone(owner: Browser) -> None:
    page = await owner.open("/")
    assert "Continue watching" not in page.words
    assert "Watchlist" not in page.words


async def test_an_addons_own_episode_says_of_which_show_it_is(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["continue"] = [
        begun("own:7", "Mine", 60, 600, type="series", video_id="own:7:1:2", season=1, episode=2)
    ]
    assert "/watch/series/own%3A7%3A1%3A2?title=own%3A7" in (await owner.open("/")).links


async def test_what_no_player_named_is_named_by_addons(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["watchlist"] = [item("tt0017136"), item("tt404")]
    inner.titles["tt0017136"]["poster"] = "https://images.example/m.jpg"
    page = await owner.open("/viewing/watchlist")
    assert "Metropolis" in page.words
    assert "tt404" in page.words
    assert "https://images.example/m.jpg" in page.html


async def test_what_only_seems_begun_and_has_no_name_is_left_out(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["continue"] = [
        item("hg:32", reason="begun"),
        item("tt0017136", reason="begun"),
        begun("tt404", "", 60, 600),
    ]
    for path in ("/", "/viewing/continue"):
        page = await owner.open(path)
        assert "hg:32" not in page.words
        assert {"Metropolis", "tt404"} <= {word for word in page.words.split() if word}


async def test_a_poster_that_is_no_picture_is_drawn(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["watchlist"] = [item("tt1", "<b>Bold</b>", poster="javascript:alert(1)")]
    page = await owner.open("/viewing/watchlist")
    assert "javascript:" not in page.html
    assert "<b>Bold" not in page.html


async def test_the_page_stays_up_while_streaming_is_away(owner: Browser, inner: Inner) -> None:
    inner.viewing.is_away = True
    page = await owner.open("/")
    assert page.status == 200
    assert "What you were watching can't be shown at the moment." in page.words
    assert "Silent and early" in page.words


async def test_a_late_list_holds_nothing_up(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/viewing/continue"] = UpstreamTimedOut("late")
    page = await owner.open("/")
    assert page.status == 200
    assert "can't be shown at the moment" in page.words


async def test_dismissing_takes_a_title_out_and_can_be_undone(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["continue"] = [begun("tt1", "Half seen", 60, 600)]
    await owner.open("/")
    page = await owner.submit("/viewing", dismiss="tt1")
    assert (page.path, "Out of the way until you play it again." in page.words) == ("/", True)
    page = await owner.submit("/viewing/undo")
    assert (page.path, "Undone." in page.words) == ("/", True)
    assert [(what, id_) for what, id_, _ in inner.viewing.sent] == [
        ("DELETE continue", "tt1"),
        ("PUT continue", "tt1"),
    ]


async def test_the_watchlist_is_left_and_joined_again(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["watchlist"] = [item("tt1", "Some day", in_watchlist=True)]
    await owner.open("/viewing/watchlist")
    page = await owner.submit("/viewing", unlist="tt1")
    assert (page.path, "Off your watchlist." in page.words) == ("/viewing/watchlist", True)
    await owner.submit("/viewing/undo")
    assert inner.viewing.sent == [("DELETE watchlist", "tt1", {}), ("PUT watchlist", "tt1", {})]


async def test_lists_longer_than_a_row_have_pages_of_their_own(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["continue"] = [begun(f"tt{n}", f"Film {n}", 60, 600) for n in range(60)]
    home = await owner.open("/")
    assert f"Film {STRIP - 1}" in home.words
    assert f"Film {STRIP} " not in home.words
    assert "/viewing/continue" in home.links
    first = await owner.open("/viewing/continue")
    onward = next(link for link in first.links if "cursor=" in link)
    second = await owner.open(onward)
    assert "Film 59" in second.words
    assert "/viewing/continue" in second.links


@pytest.mark.parametrize("which", ["continue", "watchlist", "watched"])
async def test_an_empty_list_says_what_fills_it(owner: Browser, which: str) -> None:
    page = await owner.open(f"/viewing/{which}")
    assert "Nothing here yet" in page.words


async def test_a_list_that_does_not_exist_is_not_found(owner: Browser) -> None:
    assert (await owner.open("/viewing/dreams")).status == 404


async def test_a_list_without_streaming_says_so(owner: Browser, inner: Inner) -> None:
    inner.viewing.is_away = True
    page = await owner.open("/viewing/continue")
    assert page.status == 503
    assert "The streaming service can't be reached." in page.words


@pytest.mark.parametrize("path", ["/viewing", "/viewing/undo"])
async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner, path: str) -> None:
    fields = [("dismiss", "tt1"), ("what", "mark"), ("id", "m1")]
    assert (await owner.send(path, fields)).status == 403
    assert inner.viewing.sent == []


async def test_an_address_puts_no_words_of_its_own_on_a_page(owner: Browser) -> None:
    for query in ("undo=mark:m1", "said=viewing_watched&undo=evil:x", "said=viewing_watched&undo=mark:"):
        assert "/viewing/undo" not in (await owner.open(f"/?{query}")).forms


async def test_the_way_back_stays_on_this_hub(owner: Browser, inner: Inner) -> None:
    inner.viewing.lists["continue"] = [begun("tt1", "Half seen", 60, 600)]
    await owner.open("/")
    page = await owner.submit("/viewing", dismiss="tt1", back="//evil.example/")
    assert page.path == "/"

"""What IPTV players are listed: the type of every field, what is left out, and whose it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from libs.common.deadline import Deadline
from services.catalog.library.face_playlist import PARTS, Wanted
from services.catalog.library.face_rows import FAVOURITES, UNSORTED
from services.catalog.library.face_shelves import CHANNELS, MOVIES, SERIES
from tests.catalog.library.fields import CATEGORY, LIVE, SERIES_ROW, VOD, check, plain
from tests.catalog.library.filled import Row
from tests.catalog.library.players import OTHER, OWNER, PLAYER, Library, fill, library_of
from tests.fakes.clock import ManualClock


@pytest.fixture
async def library(database: Database, clock: ManualClock) -> AsyncIterator[Library]:
    async with library_of(database, clock) as library:
        yield library


async def test_every_field_of_every_list_has_its_type(library: Library) -> None:
    await fill(library)
    await library.like("News One")
    for kind, wanted in ((CHANNELS, LIVE), (MOVIES, VOD), (SERIES, SERIES_ROW)):
        listed = await library.listed(kind)
        assert listed
        check(listed, [wanted])
        for category in await library.players.face.categories(OWNER, kind):
            check(plain(category), CATEGORY)
            check(await library.listed(kind, int(category.category_id)), [wanted])


async def test_ids_are_the_hubs_own_and_fit_a_32_bit_number(library: Library) -> None:
    await fill(library)
    ids = [item["stream_id"] for item in await library.listed(MOVIES)]
    assert set(ids) == {library.ids["The Lobster"], library.ids["300"]}
    assert max(FAVOURITES, UNSORTED) < 2**31


async def test_a_channel_says_what_it_has(library: Library) -> None:
    await fill(library)
    by_id = {item["stream_id"]: item for item in await library.listed(CHANNELS)}
    news, radio = by_id[library.ids["News One"]], by_id[library.ids["Radio"]]
    assert (news["num"], news["tv_archive"], news["tv_archive_duration"]) == (7, 1, 3)
    assert (news["epg_channel_id"], radio["epg_channel_id"]) == ("news.one", None)
    assert (news["stream_type"], radio["stream_type"]) == ("live", "radio_streams")
    assert by_id[library.ids["24"]]["category_id"] == str(UNSORTED)


async def test_a_channel_without_a_name_is_called_something(library: Library) -> None:
    provider = await fill(library)
    await library.put(provider, "channels", Row(title="", categories=()))
    assert "Without a name" in await library.names(CHANNELS)


async def test_a_film_without_a_rating_has_a_number_all_the_same(library: Library) -> None:
    await fill(library)
    by_id = {item["stream_id"]: item for item in await library.listed(MOVIES)}
    lobster, bare = by_id[library.ids["The Lobster"]], by_id[library.ids["300"]]
    assert (lobster["rating"], lobster["rating_5based"], lobster["is_adult"]) == ("7.1", 3.55, "1")
    assert (bare["rating"], bare["rating_5based"], bare["is_adult"]) == ("0", 0, "0")


async def test_a_series_tells_what_its_panel_lists(library: Library) -> None:
    await fill(library)
    (dark,) = await library.listed(SERIES)
    assert (dark["plot"], dark["genre"]) == ("Who & when?", "Crime, Drama")
    assert (dark["episode_run_time"], dark["backdrop_path"]) == ("50", ["http://img/b.jpg"])


async def test_one_with_several_categories_is_in_each_and_once_in_all(library: Library) -> None:
    await fill(library)
    names = await library.categories(CHANNELS)
    assert list(names) == ["News", "All of it", "Radio", "Without a category"]
    assert await library.names(CHANNELS, int(names["News"])) == ["EN - News One"]
    (again,) = await library.listed(CHANNELS, int(names["All of it"]))
    assert again["category_id"] == names["All of it"]
    assert set(again["category_ids"]) == {int(names["News"]), int(names["All of it"])}
    assert sorted(await library.names(CHANNELS)) == ["EN - 24", "EN - News One", "EN - Radio"]
    assert await library.listed(CHANNELS, 12345) == []


async def test_hidden_categories_are_left_out_with_what_is_in_them_alone(library: Library) -> None:
    await fill(library)
    names = await library.categories(CHANNELS)
    await library.hide(names["News"])
    await library.hide(names["Radio"])
    assert list(await library.categories(CHANNELS)) == ["All of it", "Without a category"]
    listed = await library.listed(CHANNELS)
    assert sorted(item["name"] for item in listed) == ["EN - 24", "EN - News One"]
    news = next(item for item in listed if item["name"] == "EN - News One")
    assert news["category_id"] == names["All of it"]
    assert await library.listed(CHANNELS, int(names["Radio"])) == []


async def test_favourites_are_the_first_category(library: Library) -> None:
    await fill(library)
    await library.like("Radio")
    names = await library.categories(CHANNELS)
    assert next(iter(names.items())) == ("Favourites", str(FAVOURITES))
    assert await library.names(CHANNELS, FAVOURITES) == ["EN - Radio"]
    listed = await library.listed(CHANNELS)
    assert listed[0]["category_id"] == str(FAVOURITES)
    assert len(listed) == 4  # once more under its own category: most apps know one of each
    assert "Favourites" not in await library.categories(MOVIES)


async def test_names_of_accounts_stand_before_categories_where_there_are_several(library: Library) -> None:
    await fill(library)
    second = await library.fill.provider(OWNER, "Panel B")
    await library.put(second, "movies", Row(title="Third", categories=("2015",)), Row(title="Loose"))
    assert list(await library.categories(MOVIES)) == ["Panel A: 2015", "Panel B: 2015", "Without a category"]
    assert sorted(await library.names(MOVIES)) == ["300", "Loose", "The Lobster", "Third"]


async def test_another_profile_is_shown_nothing_of_it(library: Library) -> None:
    await fill(library)
    await library.like("News One", owner=OTHER)  # a forged choice
    players, deadline = library.players, Deadline.after(library.players.clock, 5)
    for kind in (CHANNELS, MOVIES, SERIES):
        assert await library.listed(kind, owner=OTHER) == []
        assert await library.listed(kind, FAVOURITES, owner=OTHER) == []
        assert await library.categories(kind, owner=OTHER) == {}
        for category in (await library.categories(kind)).values():
            assert await library.listed(kind, int(category), owner=OTHER) == []
    assert await players.details.movie(OTHER, library.ids["The Lobster"], deadline=deadline) is None
    assert await players.details.series(OTHER, library.ids["Dark"], deadline=deadline) is None
    assert not (await players.guide.short(OTHER, library.ids["News One"], 4)).epg_listings
    assert not (await players.guide.table(OTHER, library.ids["News One"])).epg_listings
    lines = players.playlist.lines(OTHER, PLAYER, Wanted(tuple(PARTS), "ts", is_plain=False))
    assert b"EXTINF" not in b"".join([piece async for piece in lines])
    assert b"news.one" not in b"".join([piece async for piece in players.guide.xmltv(OTHER)])

"""The guide and the playlist as players read them."""

from __future__ import annotations

import base64
import itertools
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

from libs.common.db import Database
from libs.protocols.m3u.reading import Reader as M3uReader
from libs.protocols.m3u.rows import Entry
from libs.protocols.xmltv.reading import Reader as GuideReader
from libs.protocols.xmltv.rows import Channel, Programme
from services.catalog.library.face_playlist import PARTS, Wanted
from services.catalog.library.face_shelves import CHANNELS
from tests.catalog.library.fields import LISTING, TABLE, check, plain
from tests.catalog.library.filled import Row
from tests.catalog.library.players import NOW, OWNER, PLAYER, Library, fill, library_of
from tests.fakes.clock import ManualClock


@pytest.fixture
async def library(database: Database, clock: ManualClock) -> AsyncIterator[Library]:
    async with library_of(database, clock) as library:
        yield library


async def test_the_short_guide_begins_with_what_is_on(library: Library) -> None:
    await fill(library)
    told = plain(await library.players.guide.short(OWNER, library.ids["News One"], 2))
    check(told, {"epg_listings": [LISTING]})
    titles = [base64.b64decode(one["title"]).decode() for one in told["epg_listings"]]
    assert titles == ["Now: <on>", "Next"]
    assert told["epg_listings"][0]["start_timestamp"] == str(NOW - 600)
    assert not (await library.players.guide.short(OWNER, library.ids["Radio"], 0)).epg_listings


async def test_the_table_tells_what_was_on_and_can_be_watched(library: Library) -> None:
    await fill(library)
    told = plain(await library.players.guide.table(OWNER, library.ids["News One"]))
    check(told, {"epg_listings": [TABLE]})
    flags = [(one["now_playing"], one["has_archive"]) for one in told["epg_listings"]]
    assert flags == [(0, 1), (1, 1), (0, 0), (0, 0)]


async def guide_of(library: Library) -> bytes:
    return b"".join([piece async for piece in library.players.guide.xmltv(OWNER)])


async def test_the_guide_is_xmltv_of_the_channels_that_are_seen(library: Library) -> None:
    await fill(library)
    text = await guide_of(library)
    reader = GuideReader()
    rows = [*itertools.chain(*reader.feed(text)), *itertools.chain(*reader.finish())]
    assert [row for row in rows if isinstance(row, Channel)] == [
        Channel(id="news.one", names=("EN - News One",))
    ]
    programmes = [row for row in rows if isinstance(row, Programme)]
    assert [row.titles[0].text for row in programmes] == ["Two days ago", "Now: <on>", "Next", "Later"]
    assert {row.channel for row in programmes} == {"news.one"}
    order = [element.tag for element in ElementTree.fromstring(text)]
    assert order == sorted(order)  # the DTD wants channels first


async def test_a_channel_that_two_accounts_name_alike_is_told_of_once(library: Library) -> None:
    await fill(library)
    second = await library.fill.provider(OWNER, "Panel B")
    await library.put(second, "channels", Row(title="News Again", guide_id="news.one", categories=("News",)))
    await library.fill.guide(second, "news.one", (NOW, NOW + 60, "Another's"))
    text = await guide_of(library)
    assert text.count(b"<channel ") == 1
    assert b"Another" not in text


async def test_guide_and_playlist_leave_out_what_is_in_hidden_categories_alone(library: Library) -> None:
    await fill(library)
    names = await library.categories(CHANNELS)
    await library.hide(names["News"])
    assert b"news.one" in await guide_of(library)
    groups = {one.name: one.groups for one in await entries(library, "live")}
    assert groups["EN - News One"] == ("All of it",)
    await library.hide(names["All of it"])
    assert b"news.one" not in await guide_of(library)
    assert "EN - News One" not in {one.name for one in await entries(library, "live")}


async def entries(library: Library, *parts: str, is_plain: bool = False) -> list[Entry]:
    wanted = Wanted(parts or tuple(PARTS), "ts", is_plain)
    reader, found = M3uReader(), list[Entry]()
    async for piece in library.players.playlist.lines(OWNER, PLAYER, wanted):
        for batch in reader.feed(piece):
            found += batch
    return [*found, *reader.finish()]


async def test_the_playlist_has_channels_films_and_known_episodes(library: Library) -> None:
    provider = await fill(library)
    await library.database.execute(
        "INSERT INTO library_episodes"
        " (id, provider, series, season, number, panel_id, hash, added, extension)"
        " VALUES (990, :provider, :series, 1, 2, 5, 5, 0, 'mkv')",
        provider=provider,
        series=library.ids["Dark"],
    )
    found = await entries(library)
    assert [(one.kind, one.name) for one in found] == [
        ("live", "EN - News One"),
        ("live", "EN - Radio"),
        ("live", "EN - 24"),
        ("movie", "EN - 300"),
        ("movie", "EN - The Lobster"),
        ("episode", "EN - Dark S01 E02"),
    ]
    news, radio, _, _, film, episode = found
    login = "ada-kids/abcdefgh2345"
    assert news.address == f"http://hub.example:8080/live/{login}/{library.ids['News One']}.ts"
    assert film.address == f"http://hub.example:8080/movie/{login}/{library.ids['The Lobster']}.mkv"
    assert episode.address == f"http://hub.example:8080/series/{login}/990.mkv"
    assert (news.tvg_id, news.number, news.groups) == ("news.one", 7, ("News", "All of it"))
    assert radio.radio
    assert [one.kind for one in await entries(library, "live")] == ["live"] * 3
    assert len(await entries(library, is_plain=True)) == 6


async def test_catch_up_is_by_epoch_and_for_channels_that_keep_the_past(library: Library) -> None:
    await fill(library)
    news, radio, _ = await entries(library, "live")
    assert radio.catchup is None
    assert news.catchup is not None
    assert (news.catchup.mode, news.catchup.days) == ("default", 3)
    assert "/streaming/timeshift.php?" in news.catchup.source
    assert news.catchup.source.endswith("&start={utc}&duration={duration}")


async def test_favourites_are_a_group_of_the_playlist(library: Library) -> None:
    await fill(library)
    await library.like("Radio")
    groups = {one.name: one.groups for one in await entries(library, "live")}
    assert groups["EN - Radio"] == ("Favourites", "Radio")

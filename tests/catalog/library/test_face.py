"""What IPTV players are answered: the type of every field, what is left out, and whose it is."""

from __future__ import annotations

import base64
import gzip
import itertools
import zlib
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.db import Database
from libs.common.deadline import Deadline
from libs.protocols.m3u.reading import Reader as M3uReader
from libs.protocols.m3u.rows import Entry
from libs.protocols.xmltv.reading import Reader as GuideReader
from libs.protocols.xmltv.rows import Channel, Programme
from services.catalog.library import face
from services.catalog.library.face import CHANNELS, MOVIES, SERIES
from services.catalog.library.face_account import account
from services.catalog.library.face_packing import GzipJoin, packed, unpacked
from services.catalog.library.face_playlist import PARTS, Wanted
from services.catalog.library.face_rows import FAVOURITES, UNSORTED
from services.catalog.library_model import Detailed, Episode, Season
from services.catalog.library_model import Told as Facts
from tests.catalog.library.filled import Row
from tests.catalog.library.players import DAY_S, NOW, OTHER, OWNER, PLAYER, Library, fill, library_of
from tests.fakes.clock import ManualClock

NUMBER = (int, float)
DIGITS = "digits"
"""Text that holds a whole number: strict players read it as one."""

LIVE = {
    "num": int,
    "name": str,
    "stream_type": str,
    "stream_id": int,
    "stream_icon": str,
    "epg_channel_id": (str, type(None)),
    "added": DIGITS,
    "is_adult": DIGITS,
    "category_id": DIGITS,
    "category_ids": [int],
    "custom_sid": str,
    "tv_archive": int,
    "direct_source": str,
    "tv_archive_duration": int,
    "thumbnail": str,
}
VOD = {
    "num": int,
    "name": str,
    "title": str,
    "year": str,
    "stream_type": str,
    "stream_id": int,
    "stream_icon": str,
    "rating": str,
    "rating_5based": NUMBER,
    "tmdb": str,
    "added": DIGITS,
    "is_adult": DIGITS,
    "category_id": DIGITS,
    "category_ids": [int],
    "container_extension": str,
    "custom_sid": str,
    "direct_source": str,
}
TITLE = {
    "name": str,
    "title": str,
    "year": str,
    "cover": str,
    "plot": str,
    "cast": str,
    "director": str,
    "genre": str,
    "releaseDate": str,
    "release_date": str,
    "last_modified": DIGITS,
    "rating": str,
    "rating_5based": NUMBER,
    "backdrop_path": [str],
    "youtube_trailer": str,
    "episode_run_time": DIGITS,
    "tmdb": str,
    "category_id": DIGITS,
    "category_ids": [int],
}
SERIES_ROW = {**TITLE, "num": int, "series_id": int, "stream_type": str}
CATEGORY = {"category_id": DIGITS, "category_name": str, "parent_id": int}
SEASON = {
    "air_date": str,
    "episode_count": int,
    "id": int,
    "name": str,
    "overview": str,
    "season_number": int,
    "cover": str,
    "cover_big": str,
}
EPISODE = {
    "id": DIGITS,
    "episode_num": int,
    "title": str,
    "container_extension": str,
    "info": {
        "movie_image": str,
        "plot": str,
        "releasedate": str,
        "rating": NUMBER,
        "duration_secs": int,
        "duration": str,
        "bitrate": int,
        "video": dict,
        "audio": dict,
    },
    "custom_sid": str,
    "added": DIGITS,
    "season": int,
    "direct_source": str,
}
VOD_INFO = {
    "info": {
        **dict.fromkeys(
            (
                "movie_image",
                "cover_big",
                "tmdb_id",
                "name",
                "o_name",
                "youtube_trailer",
                "genre",
                "plot",
                "description",
                "cast",
                "actors",
                "director",
                "releasedate",
                "release_date",
                "duration",
                "age",
                "country",
                "kinopoisk_url",
                "status",
            ),
            str,
        ),
        "backdrop_path": [str],
        "rating": NUMBER,
        "duration_secs": int,
        "bitrate": int,
        "video": dict,
        "audio": dict,
        "subtitles": list,
    },
    "movie_data": {
        "stream_id": int,
        "name": str,
        "title": str,
        "year": str,
        "added": DIGITS,
        "category_id": DIGITS,
        "category_ids": [int],
        "container_extension": str,
        "custom_sid": str,
        "direct_source": str,
    },
}
LISTING = {
    "id": DIGITS,
    "epg_id": DIGITS,
    "title": str,
    "lang": str,
    "start": str,
    "end": str,
    "description": str,
    "channel_id": str,
    "start_timestamp": DIGITS,
    "stop_timestamp": DIGITS,
    "stream_id": DIGITS,
}
TABLE = {**LISTING, "now_playing": int, "has_archive": int}
ACCOUNT = {
    "user_info": {
        "username": str,
        "password": str,
        "message": str,
        "auth": int,
        "status": str,
        "exp_date": DIGITS,
        "is_trial": DIGITS,
        "active_cons": DIGITS,
        "created_at": DIGITS,
        "max_connections": DIGITS,
        "allowed_output_formats": [str],
    },
    "server_info": {
        "url": str,
        "port": DIGITS,
        "https_port": DIGITS,
        "server_protocol": str,
        "rtmp_port": DIGITS,
        "timezone": str,
        "timestamp_now": int,
        "time_now": str,
        "process": bool,
    },
}


def check(value: Any, wanted: Any, where: str = "$") -> None:
    """Every field is there, none else, and each is of its type: a bool is no number."""
    if isinstance(wanted, dict):
        assert isinstance(value, dict), where
        assert value.keys() == wanted.keys(), where
        for name, of in wanted.items():
            check(value[name], of, f"{where}.{name}")
    elif isinstance(wanted, list):
        assert isinstance(value, list), where
        for place, one in enumerate(value):
            check(one, wanted[0], f"{where}[{place}]")
    elif wanted == DIGITS:
        assert isinstance(value, str), where
        assert value.isdecimal(), where
    else:
        assert isinstance(value, wanted), where
        assert wanted is bool or not isinstance(value, bool), where


def plain(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


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


async def test_long_categories_come_in_several_batches(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "BATCH", 3)
    provider = await library.fill.provider(OWNER, "Panel A")
    for kind, number in (("channels", CHANNELS), ("movies", MOVIES)):
        rows = [Row(title=f"{kind} {place}", categories=("A", "B")) for place in range(9)]
        await library.put(provider, kind, *rows, Row(title="last", categories=("C",)))
        for _ in range(2):  # made, and as it was kept
            assert len({item["stream_id"] for item in await library.listed(number)}) == 10
        names = await library.categories(number)
        assert [len(await library.listed(number, int(id_))) for id_ in names.values()] == [9, 9, 1]
        await library.hide(names["A"])
        assert len(await library.listed(number)) == 10


async def test_a_kept_list_is_made_anew_once_the_account_changed(library: Library) -> None:
    provider = await fill(library)
    state = await library.players.face.state(OWNER)
    assert len(await library.listed(MOVIES)) == 2
    await library.put(provider, "movies", Row(title="New", categories=("2015",)))
    assert len(await library.listed(MOVIES)) == 3
    assert await library.players.face.state(OWNER) != state


async def test_what_players_asked_for_is_made_before_they_ask_again(library: Library) -> None:
    provider = await fill(library)
    assert len(await library.listed(MOVIES)) == 2
    await library.put(provider, "movies", Row(title="New", categories=("2015",)))
    await library.put(provider, "series", Row(title="Newer", categories=("Series DE",)))
    await library.players.ready.make("Panel A")
    # What rows lose between runs tells what was made before from what is made now.
    await library.database.execute("DELETE FROM library_items")
    assert len(await library.listed(MOVIES)) == 3
    assert await library.listed(SERIES) == []


@pytest.mark.parametrize("after_days", [14, 16])
async def test_what_no_player_asked_for_lately_is_not_made(
    library: Library, clock: ManualClock, after_days: int
) -> None:
    provider = await fill(library)
    await library.listed(MOVIES)
    await library.listed(SERIES, int((await library.categories(SERIES))["Series DE"]))
    await library.put(provider, "movies", Row(title="New", categories=("2015",)))
    clock.advance(after_days * DAY_S)
    await library.players.ready.make("Panel A")
    await library.database.execute("DELETE FROM library_items")
    assert len(await library.listed(MOVIES)) == (3 if after_days == 14 else 0)
    assert await library.listed(SERIES) == [], "a category by itself is made as quickly as it is sent"


async def test_nothing_is_made_ahead_while_a_run_writes_or_of_an_account_that_is_gone(
    library: Library,
) -> None:
    await fill(library)
    await library.listed(MOVIES)
    await library.database.execute("UPDATE library_providers SET run = 'r', run_number = run_number + 1")
    await library.players.ready.make("Panel A")
    await library.database.execute("DELETE FROM library_items")
    assert await library.listed(MOVIES) == []
    await library.players.ready.make("gone")


async def test_lists_of_an_account_are_made_ahead_for_its_own_profile_alone(library: Library) -> None:
    await fill(library)
    other = await library.fill.provider(OTHER, "Theirs")
    await library.put(other, "movies", Row(title="Theirs", categories=("2015",)))
    await library.listed(MOVIES)
    await library.players.ready.make("Theirs")
    await library.database.execute("DELETE FROM library_items")
    assert await library.listed(MOVIES, owner=OTHER) == []


async def test_details_that_come_are_news_for_lists_of_episodes_alone(library: Library) -> None:
    await fill(library)
    face_ = library.players.face
    before = await face_.state(OWNER), await face_.state(OWNER, with_episodes=True)
    await library.database.execute("UPDATE library_providers SET revision = revision + 1")
    assert await face_.state(OWNER) == before[0]
    assert await face_.state(OWNER, with_episodes=True) != before[1]
    await library.database.execute("UPDATE library_providers SET run = 'r'")
    assert await face_.state(OWNER) != before[0]


async def test_choices_are_part_of_the_state(library: Library) -> None:
    await fill(library)
    states = {await library.players.face.state(OWNER)}
    await library.like("Radio")
    states.add(await library.players.face.state(OWNER))
    await library.hide((await library.categories(CHANNELS))["News"])
    states.add(await library.players.face.state(OWNER))
    assert len(states) == 3


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


async def test_what_a_film_is_told_of(library: Library) -> None:
    await fill(library)
    library.told.detailed = Detailed(
        told=Facts(plot="A hotel.", duration_s=7140, video_codec="h264", width=1920, height=1080)
    )
    deadline = Deadline.after(library.players.clock, 5)
    found = await library.players.details.movie(OWNER, library.ids["The Lobster"], deadline=deadline)
    told = plain(found)
    check(told, VOD_INFO)
    assert (told["info"]["duration"], told["info"]["duration_secs"]) == ("01:59:00", 7140)
    assert told["info"]["video"] == {"codec_name": "h264", "width": 1920, "height": 1080}
    assert told["movie_data"]["container_extension"] == "mkv"
    assert await library.players.details.movie(OWNER, library.ids["Dark"], deadline=deadline) is None


async def test_what_a_series_is_told_of(library: Library) -> None:
    await fill(library)
    number = library.ids["Dark"]
    library.told.detailed = Detailed(
        told=Facts(release_date="2017-12-01"),
        seasons=(Season(number=1, name="Eins"),),
        episodes=tuple(
            Episode(id=id_, provider=1, series=number, season=season, number=place, panel_id=id_)
            for id_, season, place in ((91, 0, 1), (92, 1, 1), (93, 1, 1), (94, 1, None))
        ),
    )
    deadline = Deadline.after(library.players.clock, 5)
    told = plain(await library.players.details.series(OWNER, number, deadline=deadline))
    check(told["info"], TITLE)
    check(told["seasons"], [SEASON])
    assert [(one["season_number"], one["name"]) for one in told["seasons"]] == [(0, "Season 0"), (1, "Eins")]
    assert isinstance(told["episodes"], dict)
    for season in told["episodes"].values():
        check(season, [EPISODE])
    assert [one["id"] for one in told["episodes"]["1"]] == ["92", "93", "94"]
    assert [one["season"] for one in told["episodes"]["0"]] == [0]


async def test_a_series_without_episodes_has_an_empty_object_of_them(library: Library) -> None:
    await fill(library)
    deadline = Deadline.after(library.players.clock, 5)
    found = await library.players.details.series(OWNER, library.ids["Dark"], deadline=deadline)
    assert b'"episodes":{}' in msgspec.json.encode(found)


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


async def test_the_account_is_the_hubs_own(library: Library) -> None:
    await fill(library)
    providers = await library.players.face.providers(OWNER)
    told = plain(account(PLAYER, providers, now=NOW))
    check(told, ACCOUNT)
    assert (told["user_info"]["username"], told["user_info"]["password"]) == (
        PLAYER.username,
        PLAYER.password,
    )
    assert told["user_info"]["auth"] == 1
    assert NOW + 3600 * DAY_S < int(told["user_info"]["exp_date"]) < 2**31
    assert (told["server_info"]["url"], told["server_info"]["port"]) == ("hub.example", "8080")
    assert told["server_info"]["process"] is True
    assert "panel" not in str(told)


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


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_packed_pieces_are_one_gzip_stream(pieces: list[bytes]) -> None:
    joined, whole = GzipJoin(), b"".join(pieces)
    made = [packed(piece) for piece in pieces]
    stream = b"".join((joined.head(), *map(joined.add, made), joined.end()))
    assert gzip.decompress(stream) == whole
    assert [unpacked(piece) for piece in made] == pieces
    one_member = zlib.decompressobj(wbits=31)
    assert one_member.decompress(stream) == whole
    assert one_member.eof
    assert not one_member.unused_data

"""The library as its owner's addon: rows, titles, streams, and that it is nobody else's."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.handover import ProgrammeRow
from libs.common.identity import Identity
from libs.protocols.stremio.manifest import MANIFEST_BUDGET_BYTES
from services.catalog.model import Owner
from services.catalog.sources.library import address_of
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog
from tests.catalog.library.handed import Handed, item_row
from tests.fakes.panel.panel import FakePanel

ACCOUNTS = "/api/v1/xtream-accounts"
MATRIX = 133093


@pytest.fixture
async def handed(catalog: Catalog, panel: FakePanel, tmp_path: Path) -> Handed:
    """Numbers of items: 1 and 2 are channels, 3 to 5 films, 6 is a series."""
    await catalog.forget_the_demo()
    body = {"url": panel.url, "username": "u1", "password": "p1", "name": "Mine"}
    handed = await Handed.begun(catalog, ACCOUNTS, body)
    await handed.categories("channels", "News", "Sport")
    await handed.categories("movies", "Action", "Old")
    await handed.rows(
        "channels",
        item_row(11, "World News", categories=("News",), extension="", guide_id="world"),
        item_row(12, "Football", categories=("Sport",), extension=""),
    )
    await handed.rows(
        "movies",
        item_row(
            21, "EN - The Matrix (1999) 4K", title="The Matrix", sort="the matrix", categories=("Action",)
        ),
        item_row(22, "DE - Matrix (1999)", title="Matrix", sort="matrix", categories=("Action",)),
        item_row(23, "Nosferatu", categories=("Old",), year=1922, rating=79, added=5, extension="mp4"),
    )
    series = int(next(panel.library.rows("series"))["series_id"])
    await handed.rows("series", item_row(series, "Some Series", extension=""))
    await handed.finish()
    await matched(tmp_path, MATRIX, 3, 4)
    return handed


async def matched(folder: Path, imdb: int, *items: int) -> None:
    """As matching writes it; in a thread, since the catalog of this process may be writing, too."""

    def write() -> None:
        with closing(sqlite3.connect(folder / "catalog.db", timeout=10)) as database, database:
            for item in items:
                database.execute("UPDATE library_items SET match_imdb = ? WHERE id = ?", (imdb, item))

    await asyncio.to_thread(write)


async def ask(catalog: Catalog, tail: str, *, owner: Identity = OWNER) -> Any:
    """What the addon itself answers; None for 404."""
    address = f"{owner.account_id}/{owner.profile_id}"
    answer = await catalog.send(
        "GET", f"/internal/catalog/library/addon/{address}/{tail}", identity=OWNER.as_service()
    )
    return None if answer.status == 404 else msgspec.json.decode(answer.body)


async def ids(catalog: Catalog, tail: str, *, owner: Identity = OWNER) -> list[str]:
    return [meta["id"] for meta in (await ask(catalog, tail, owner=owner))["metas"]]


async def listed(catalog: Catalog, identity: Identity = OWNER) -> list[dict[str, Any]]:
    found = await catalog.get("/api/v1/addons", identity=identity)
    return [each for each in found["items"] if each["name"] == "Library"]


async def test_it_stands_in_the_list_from_the_first_account_to_the_last(
    catalog: Catalog, panel: FakePanel
) -> None:
    assert not await listed(catalog)
    body = {"url": panel.url, "username": "u1", "password": "p1"}
    added = msgspec.json.decode((await catalog.send("POST", ACCOUNTS, body)).body)
    (shown,) = await listed(catalog)
    assert shown["builtin"]
    assert not await listed(catalog, OTHER_PROFILE)

    await catalog.send("DELETE", f"{ACCOUNTS}/{added['id']}")
    assert not await listed(catalog)


async def test_nobody_can_add_anothers(catalog: Catalog, handed: Handed) -> None:
    address = address_of(Owner(OWNER.account_id, OWNER.profile_id))
    answer = await catalog.send("POST", "/api/v1/addons", {"url": address}, identity=OTHER_ACCOUNT)
    assert answer.status == 422
    (own,) = await listed(catalog)
    moved = await catalog.send(
        "PATCH", f"/api/v1/addons/{own['id']}", {"url": "https://a.example/manifest.json"}
    )
    assert moved.status >= 400


async def test_one_that_was_removed_can_be_had_back(catalog: Catalog, handed: Handed) -> None:
    (own,) = await listed(catalog)
    assert own["address"] == "headgate:library"
    await catalog.send("DELETE", f"/api/v1/addons/{own['id']}")
    await catalog.add("headgate:library")
    assert "Films" in {row["name"] for row in (await catalog.manifest())["catalogs"]}

    await catalog.add("headgate:library", identity=OTHER_PROFILE)
    other = (await catalog.manifest(identity=OTHER_PROFILE))["catalogs"]
    row = next(f"{each['type']}/{each['id']}" for each in other if each["name"] == "Films")
    answer = await catalog.ask(f"catalog/{row}.json", identity=OTHER_PROFILE)
    assert msgspec.json.decode(answer.body)["metas"] == []


async def test_its_rows_are_on_the_merged_manifest(catalog: Catalog, handed: Handed) -> None:
    rows = {row["name"]: row for row in (await catalog.manifest())["catalogs"]}
    assert list(rows) == ["Channels", "Films", "Series", "New films", "New series"]
    genre = next(extra for extra in rows["Films"]["extra"] if extra["name"] == "genre")
    assert genre["options"] == ["Action", "Old"]
    assert {"search", "skip"} <= {extra["name"] for extra in rows["Films"]["extra"]}
    assert [row["type"] for row in rows.values()] == ["tv", "movie", "series", "movie", "series"]


async def test_a_guide_is_offered_once_there_is_one(catalog: Catalog, handed: Handed) -> None:
    manifest = await catalog.manifest()
    assert not manifest["behaviorHints"].get("epgProvider")
    await handed.begin()
    await handed.finish(has_guide=True)
    manifest = await catalog.manifest()
    assert manifest["behaviorHints"]["epgProvider"] is True
    channels = next(row for row in manifest["catalogs"] if row["name"] == "Channels")
    assert "date" in {extra["name"] for extra in channels["extra"]}


async def test_what_a_run_brings_is_in_rows_that_were_looked_at_before(
    catalog: Catalog, handed: Handed
) -> None:
    row = await catalog.row("Series")
    assert await catalog.items(f"catalog/{row}.json") == ["hg:6"]
    await handed.begin()
    await handed.rows("series", item_row(900, "A New One", extension=""))
    await handed.finish()
    assert await catalog.items(f"catalog/{row}.json") == ["hg:7", "hg:6"]


async def test_very_many_categories_take_part_of_what_a_manifest_may_weigh(
    catalog: Catalog, panel: FakePanel
) -> None:
    body = {"url": panel.url, "username": "u1", "password": "p1"}
    handed = await Handed.begun(catalog, ACCOUNTS, body)
    for kind in ("channels", "movies", "series"):
        names = [f"{kind} of category {number}" for number in range(300)]
        await handed.categories(kind, *names)
        await handed.rows(kind, *(item_row(n, name, categories=(name,)) for n, name in enumerate(names, 1)))
    await handed.finish()
    body_bytes = (await catalog.ask("manifest.json")).body
    assert len(body_bytes) < MANIFEST_BUDGET_BYTES / 2
    assert b"channels of category 0" in body_bytes


async def test_found_titles_are_shown_as_such_and_others_as_themselves(
    catalog: Catalog, handed: Handed
) -> None:
    assert await ids(catalog, "catalog/movie/films.json") == ["tt0133093", "hg:5", "tt0133093"]
    shown = {m["id"]: m for m in (await ask(catalog, "catalog/movie/films.json"))["metas"]}
    assert shown["hg:5"]["name"] == "Nosferatu"
    assert (shown["hg:5"]["releaseInfo"], shown["hg:5"]["imdbRating"]) == ("1922", "7.9")


async def test_a_title_with_several_versions_stands_once_in_the_merged_row(
    catalog: Catalog, handed: Handed
) -> None:
    assert await catalog.items(f"catalog/{await catalog.row('Films')}.json") == ["tt0133093", "hg:5"]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("catalog/movie/films/genre=Old.json", ["hg:5"]),
        ("catalog/movie/films/genre=Unknown.json", []),
        ("catalog/movie/films/skip=1.json", ["hg:5", "tt0133093"]),
        ("catalog/movie/films/genre=Action&skip=1.json", ["tt0133093"]),
        ("catalog/movie/films/skip=100.json", []),
        ("catalog/movie/films-new.json", ["hg:5", "tt0133093", "tt0133093"]),
        ("catalog/tv/channels/genre=Sport.json", ["hg:2"]),
        ("catalog/series/series.json", ["hg:6"]),
        ("catalog/movie/films/search=nosferatu.json", ["hg:5"]),
        ("catalog/movie/films/search=nosferatu&skip=100.json", []),
        ("catalog/tv/channels/search=nosferatu.json", []),
        ("catalog/movie/films/search=%21.json", []),
    ],
)
async def test_a_row_is_asked_as_its_extras_say(
    catalog: Catalog, handed: Handed, tail: str, expected: list[str]
) -> None:
    found = await ids(catalog, tail)
    assert sorted(found) == sorted(expected) if "new" in tail else found == expected


async def test_what_is_not_offered_is_not_found(catalog: Catalog, handed: Handed) -> None:
    assert await ask(catalog, "catalog/movie/other.json") is None
    assert await ask(catalog, "meta/movie/hg:99.json") is None
    assert await ask(catalog, "meta/movie/hg:1.json") is None
    assert (await ask(catalog, "stream/movie/hg:99.json"))["streams"] == []


async def test_every_version_of_a_title_is_a_stream(catalog: Catalog, handed: Handed) -> None:
    streams = (await ask(catalog, "stream/movie/tt0133093.json"))["streams"]
    assert [stream["url"] for stream in streams] == [
        "headgate:play/movie/3.mkv",
        "headgate:play/movie/4.mkv",
    ]
    assert streams[0]["name"].startswith("Mine\n")
    assert "4K" in streams[0]["name"]
    assert streams[1]["description"] == "DE - Matrix (1999)"
    assert streams[0]["behaviorHints"]["notWebReady"] is True


async def test_a_film_of_its_own_plays_too(catalog: Catalog, handed: Handed) -> None:
    (stream,) = (await ask(catalog, "stream/movie/hg:5.json"))["streams"]
    assert stream["url"] == "headgate:play/movie/5.mp4"
    meta = (await ask(catalog, "meta/movie/hg:5.json"))["meta"]
    assert (meta["id"], meta["name"]) == ("hg:5", "Nosferatu")


async def test_a_channel_plays_in_every_format_of_its_account(catalog: Catalog, handed: Handed) -> None:
    streams = (await ask(catalog, "stream/tv/hg:1.json"))["streams"]
    assert [stream["url"] for stream in streams] == ["headgate:play/live/1.m3u8", "headgate:play/live/1.ts"]


async def test_a_series_has_its_episodes_and_each_is_played(
    catalog: Catalog, handed: Handed, tmp_path: Path
) -> None:
    meta = (await ask(catalog, "meta/series/hg:6.json"))["meta"]
    video = meta["videos"][0]
    assert video["id"] == f"hg:6:{video['season']}:{video['episode']}"
    (stream, *_) = (await ask(catalog, f"stream/series/{video['id']}.json"))["streams"]
    assert stream["url"].startswith("headgate:play/series/")
    assert stream["behaviorHints"]["bingeGroup"] == "headgate-6"

    await matched(tmp_path, 903747, 6)
    same = await ask(catalog, f"stream/series/tt0903747:{video['season']}:{video['episode']}.json")
    assert same["streams"][0]["url"] == stream["url"]
    assert (await ask(catalog, "stream/series/tt0903747:99:1.json"))["streams"] == []


async def test_channels_tell_what_is_on_and_their_day(catalog: Catalog, handed: Handed) -> None:
    now = int(catalog.clock.time())
    row = ProgrammeRow("world", now - 60, now + 600, 1, "The News", "the news", "", "", "", "", None, None)
    await handed.begin()
    await handed.rows("programmes", row)
    shown = (await ask(catalog, "catalog/tv/channels/genre=News.json"))["metas"][0]
    assert shown["description"] == "Now: The News"
    day = catalog.clock.now().strftime("%Y-%m-%d")
    detailed = (await ask(catalog, f"catalog/tv/channels/date={day}.json"))["metasDetailed"]
    (world,) = (channel for channel in detailed if channel["id"] == "hg:1")
    assert world["behaviorHints"]["hasScheduledVideos"] is True
    (programme,) = world["videos"]
    assert programme["title"] == "The News"
    assert programme["startTime"] < programme["endTime"]


async def test_what_is_hidden_is_in_no_row_and_no_stream(catalog: Catalog, handed: Handed) -> None:
    named = (await catalog.get("/api/v1/library/categories"))["items"]
    action = next(each["id"] for each in named if each["name"] == "Action")
    hidden = await catalog.send("PUT", f"/api/v1/library/categories/{action}/hidden")
    assert hidden.status == 204, hidden.body
    assert await ids(catalog, "catalog/movie/films.json") == ["hg:5"]
    assert (await ask(catalog, "stream/movie/tt0133093.json"))["streams"] == []


@pytest.mark.parametrize("other", [OTHER_PROFILE, OTHER_ACCOUNT])
async def test_nobody_else_has_any_of_it(catalog: Catalog, handed: Handed, other: Identity) -> None:
    for tail in (
        "catalog/movie/films.json",
        "catalog/tv/channels.json",
        "catalog/movie/films/genre=Old.json",
    ):
        assert await ids(catalog, tail, owner=other) == []
    for tail in ("stream/movie/tt0133093.json", "stream/movie/hg:5.json", "stream/series/hg:6:1:1.json"):
        assert (await ask(catalog, tail, owner=other))["streams"] == []
    for tail in ("meta/movie/hg:5.json", "meta/series/hg:6.json", "meta/tv/hg:1.json"):
        assert await ask(catalog, tail, owner=other) is None


async def test_only_services_ask_it_so(catalog: Catalog, handed: Handed) -> None:
    answer = await catalog.send(
        "GET", "/internal/catalog/library/addon/account-1/profile-1/catalog/tv/channels.json"
    )
    assert answer.status == 403

"""A file is looked at, applied once however often, taken back; and nobody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from libs.common.contracts.imports import ImportCounts
from libs.common.errors import Conflict, InvalidInput, NotFound
from libs.protocols.stremio_api.watched import write_watched
from services.sync.imports import imports
from services.sync.imports.files import MODULE
from tests.sync.imports.conftest import ADA, BEN, EVA, Bringing
from tests.sync.imports.files import stremio_film, trakt
from tests.sync.stremio.screen import videos
from tests.sync.syncing import readers
from tests.waiting import until

EPISODES = [f"tt100:1:{number}" for number in (1, 2, 3)]
WATCHED = write_watched(EPISODES[:2], EPISODES)


async def test_an_export_of_trakt_is_shown_and_not_applied(hub: Bringing) -> None:
    view = await hub.bring(trakt())

    assert (view.format, view.state) == ("trakt", "preview")
    assert view.counts == ImportCounts(films=2, episodes=3, watchlist=1, playback=1)
    assert (view.titles, view.known_titles, view.ignored) == (5, 0, 2)
    assert view.items[0].name == "Dark"
    assert not await hub.viewer().flags("tt0000001", "tt0000007", "tt5753856")


async def test_what_is_applied_is_there_once_however_often_it_is_applied(hub: Bringing) -> None:
    view = await hub.bring(trakt())

    applied = await hub.applied(view.id)
    again = await hub.applied(view.id)

    assert applied.result is not None
    assert applied.result.added == 7
    assert again.result == applied.result
    ada = hub.viewer()
    flags = await ada.flags("tt0000001", "tt0000007", "tt0000008", "tt0000004")
    assert flags["tt0000001"].watched
    assert flags["tt0000007"].in_watchlist
    assert flags.keys() == {"tt0000001", "tt0000007"}
    film_ = await ada.sees("tt0000001")
    assert film_ is not None
    assert film_.watched
    assert "tt0000009" in await ada.ids("continue")
    assert await ada.events() == []


async def test_the_same_file_brought_twice_changes_nothing_more(hub: Bringing) -> None:
    first = await hub.bring(trakt())
    await hub.applied(first.id)

    second = await hub.bring(trakt())
    result = (await hub.applied(second.id)).result

    assert second.known_titles == 5
    assert all(item.known for item in second.items)
    assert result is not None
    assert result.kept == result.added == 7


async def test_undoing_takes_back_what_the_file_alone_brought(hub: Bringing) -> None:
    ada = hub.viewer()
    await ada.mark("tt0000002", type="movie")
    view = await hub.bring(trakt())
    await hub.applied(view.id)

    undone = await hub.undone(view.id)

    assert undone.result is None
    assert (await ada.flags("tt0000001", "tt0000002", "tt0000007")).keys() == {"tt0000002"}
    await hub.applied(view.id)
    assert (await ada.flags("tt0000001"))["tt0000001"].watched


async def test_nobody_else_sees_or_applies_it(hub: Bringing) -> None:
    view = await hub.bring(trakt())
    await hub.applied(view.id)

    assert (await hub.client.all(BEN, deadline=hub.within())).items == ()
    for ask in (hub.client.get, hub.client.apply, hub.client.undo, hub.client.drop):
        with pytest.raises(NotFound):
            await ask(BEN, view.id, deadline=hub.within())
    assert not await hub.viewer(BEN).flags("tt0000001")
    assert (await hub.client.get(ADA, view.id, deadline=hub.within())).state == "applied"


async def test_one_that_is_applied_is_not_forgotten_before_it_is_undone(hub: Bringing) -> None:
    view = await hub.bring(trakt())
    with pytest.raises(Conflict):
        await hub.client.undo(ADA, view.id, deadline=hub.within())
    await hub.applied(view.id)
    with pytest.raises(Conflict):
        await hub.client.drop(ADA, view.id, deadline=hub.within())

    await hub.undone(view.id)
    await hub.client.drop(ADA, view.id, deadline=hub.within())

    assert (await hub.client.all(ADA, deadline=hub.within())).items == ()


async def test_a_table_is_read_and_says_which_lines_it_could_not(hub: Bringing) -> None:
    table = (
        "Title;Year;Type;imdb_id;Season;Episode;Watched At\n"
        "Metropolis;1927;movie;tt0017136;;;2024-01-02\n"
        '"Dark; or not";2017;episode;tt5753856;1;2;2024-01-03 10:00\n'
        "Nameless;1999;movie;;;;2024-01-02\n"
        "Der Blaue Engel;1930;movie;tt0020697;;;gestern\n"
        "Dark;2017;show;tt5753856;;;2024-01-02\n"
    )
    view = await hub.bring(table.encode("cp1252"))

    assert (view.format, view.counts) == ("csv", ImportCounts(films=1, episodes=1))
    assert [one.where for one in view.unread_first] == ["line 4", "line 5", "line 6"]
    assert sum(view.unread.values()) == 3
    await hub.applied(view.id)
    seen = await hub.viewer().sees("tt5753856:1:2")
    assert seen is not None
    assert seen.watched


async def test_a_watchlist_of_imdb_is_listed_and_its_ratings_were_seen(hub: Bringing) -> None:
    head = "Position,Const,Created,Modified,Description,Title,Title Type,Year,Your Rating,Date Rated\n"
    watchlist = await hub.bring(f"{head}1,tt0017136,2024-01-01,,,Metropolis,Movie,1927,,\n".encode())
    ratings = await hub.bring(
        b"Const,Your Rating,Date Rated,Title,Title Type,Year\ntt0017136,9,2024-01-01,Metropolis,Movie,1927\n"
    )

    assert (watchlist.format, watchlist.counts) == ("imdb", ImportCounts(watchlist=1))
    assert (ratings.format, ratings.counts) == ("imdb", ImportCounts(films=1))


async def test_a_diary_of_letterboxd_has_no_ids_and_says_so(hub: Bringing) -> None:
    view = await hub.bring(
        b"Date,Name,Year,Letterboxd URI,Watched Date\n2024-01-02,Metropolis,1927,https://boxd.it/1,2024-01-01\n"
    )

    assert (view.format, view.counts) == ("letterboxd", ImportCounts())
    assert view.unread == {"It has no id of IMDb or TMDB.": 1}


async def test_a_stremio_library_comes_with_the_episodes_that_were_seen(hub: Bringing) -> None:
    hub.service.catalog.titles["tt100"] = {"id": "tt100", "type": "series", "videos": videos("tt100", s1=3)}
    show = {
        **stremio_film("tt100"),
        "type": "series",
        "state": {"lastWatched": "2024-01-05T20:00:00Z", "video_id": "tt100:1:2", "watched": WATCHED},
    }
    library = json.dumps(
        {"result": [stremio_film(), show, stremio_film("tt9", timesWatched=0, flaggedWatched=0)]}
    )

    view = await hub.bring(library.encode())
    applied = await hub.applied(view.id)

    assert (view.format, view.counts) == ("stremio", ImportCounts(films=1, shows=1))
    assert view.ignored == 1
    assert applied.result is not None
    assert applied.result.unknown_shows == 0
    ada = hub.viewer()
    seen = {number: await ada.sees(f"tt100:1:{number}") for number in (1, 2, 3)}
    assert [number for number, one in seen.items() if one is not None and one.watched] == [1, 2]
    assert (await ada.flags("tt0017136"))["tt0017136"].watched


async def test_addons_that_name_more_episodes_than_anybody_keeps_are_asked_no_more(
    hub: Bringing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sync.imports.applying.MAX_ROWS", 2)
    titles = [f"tt10{number}" for number in range(8)]
    hub.service.catalog.titles |= {
        id_: {"id": id_, "type": "series", "videos": videos(id_, s1=3)} for id_ in titles
    }
    library = [
        {**stremio_film(id_), "type": "series", "state": {"watched": WATCHED.replace("tt100", id_)}}
        for id_ in titles
    ]

    view = await hub.bring(json.dumps({"result": library}).encode())
    applied = await hub.applied(view.id)

    assert applied.result is not None
    # Some are asked at once.
    assert 4 <= applied.result.unknown_shows <= 7
    assert applied.result.added == 2


async def test_one_file_of_an_account_comes_at_a_time(hub: Bringing) -> None:
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"imdb_id,type\n"
        await go_on.wait()
        yield b"tt0017136,movie\n"

    async with asyncio.TaskGroup() as group:
        first = group.create_task(hub.client.send(ADA, slowly(), deadline=hub.within()))

        async def is_on_its_way() -> bool:
            return bool(readers(MODULE))

        await until(is_on_its_way)
        with pytest.raises(Conflict):
            await hub.bring(b"imdb_id\ntt0020697\n", BEN)
        await hub.bring(b"imdb_id\ntt0020697\n", EVA)
        go_on.set()

    assert first.result().counts == ImportCounts(films=1)


async def test_what_a_profile_has_no_room_for_is_said_before(
    hub: Bringing, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await hub.bring(trakt())).without_room == 0
    await hub.viewer().mark("tt0000001", type="movie")
    await hub.viewer().mark("tt9999999", type="movie")
    monkeypatch.setattr(imports, "MAX_TITLES", 4)
    assert (await hub.bring(trakt())).without_room == 2  # five of which one is there, beside one more
    monkeypatch.setattr(imports, "MAX_TITLES", 0)
    assert (await hub.bring(trakt())).without_room == 5


async def test_what_is_no_use_leaves_nothing_behind(hub: Bringing) -> None:
    with pytest.raises(InvalidInput, match="neither an export"):
        await hub.bring(b"a,b\n1,2\n")

    assert (await hub.client.all(ADA, deadline=hub.within())).items == ()

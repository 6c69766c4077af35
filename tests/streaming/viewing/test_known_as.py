"""Titles whose addons have them under other ids than those they were watched by."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from libs.common.contracts.viewing import TitleFlags
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer, show
from tests.streaming.viewing.telling import ago, episode, film, listed, stopped, tell


async def test_a_title_is_marked_by_its_id_of_imdb_whatever_id_an_addon_has_for_it(
    ann: Viewer, kid: Viewer
) -> None:
    catalog = ann.service.catalog
    catalog.known_as = {"tmdb:603": "tt1", "kitsu:7": "tt100"}
    await tell(ann, "watched", [film("tt1"), episode(1, 1, aired=2)])
    flags = await ann.flags("tmdb:603", "kitsu:7", "mal:9", "hg:x", "tt1")
    assert flags == {
        "tmdb:603": TitleFlags(watched=True),
        "kitsu:7": TitleFlags(progress=0.5, aired=2, completed=1),
        "tt1": TitleFlags(watched=True),
    }
    assert await kid.flags("tmdb:603") == {}
    assert catalog.known_as_asked == [("tmdb:603", "kitsu:7", "mal:9")]


async def test_what_is_known_by_its_own_id_counts_for_more(ann: Viewer) -> None:
    ann.service.catalog.known_as = {"tmdb:603": "tt1"}
    await tell(ann, "watched", [film("tt1")])
    await ann.at("tmdb:603", HOUR_S / 2)
    assert await ann.flags("tmdb:603") == {"tmdb:603": TitleFlags(progress=0.5)}


async def test_catalog_is_asked_again_after_a_while_and_missed_by_nobody(
    ann: Viewer, clock: ManualClock
) -> None:
    catalog = ann.service.catalog
    await tell(ann, "watched", [film("tt1")])
    catalog.status = 503
    assert await ann.flags("tmdb:603", "tt1") == {"tt1": TitleFlags(watched=True)}
    catalog.status = 200
    assert await ann.flags("tmdb:603") == {}
    catalog.known_as = {"tmdb:603": "tt1"}
    assert await ann.flags("tmdb:603") == {}
    clock.advance(601)
    assert await ann.flags("tmdb:603") == {"tmdb:603": TitleFlags(watched=True)}


async def test_a_show_is_gone_on_with_under_another_id(ann: Viewer) -> None:
    ann.service.catalog.known_as = {"tmdb:1396": "tt100"}
    ann.service.catalog.titles["tt100"] = show()
    await tell(ann, "watched", [episode(1, 1)])
    found = await ann.show("tmdb:1396")
    assert found.next is not None
    assert (found.title_id, found.completed, found.next.video_id) == ("tmdb:1396", 1, "tt100:1:2")


async def test_a_place_is_found_under_another_id(ann: Viewer) -> None:
    ann.service.catalog.known_as = {"tmdb:603": "tt1", "tmdb:1396": "tt100", "kitsu:7": "tt100"}
    await ann.at("tt1", 600)
    await ann.at("tt100:1:2", 700)
    seen = [await ann.sees(id_) for id_ in ("tmdb:603", "tmdb:1396:1:2", "kitsu:7:2")]
    assert [one and one.position_s for one in seen] == [600, 700, None]


async def test_rows_of_imdbs_ids_ask_catalog_nothing(ann: Viewer) -> None:
    await ann.flags(*(f"tt{number}" for number in range(100)))
    assert ann.service.catalog.known_as_asked == []
    assert msgspec.json.encode(await ann.flags("tt1")) == b"{}"


async def test_what_is_marked_under_another_id_is_what_is_known(ann: Viewer, clock: ManualClock) -> None:
    catalog = ann.service.catalog
    catalog.known_as = {"tmdb:603": "tt1", "tmdb:1396": "tt100"}
    catalog.titles["tt100"] = show()
    await tell(ann, "watched", [film("tt1"), episode(1, 1)])
    await tell(ann, "watchlist", [listed("tt1")])
    clock.advance(60)
    await ann.mark("tmdb:603", watched=False)
    await ann.mark("tmdb:1396:1:2", type="series")
    assert (await ann.mark("tmdb:1396", type="series", season=2)).changed == 3
    await ann.send("DELETE", "/api/v1/viewing/watchlist/tmdb:603")
    assert await ann.flags("tt1", "tmdb:603") == {"tt1": TitleFlags(), "tmdb:603": TitleFlags()}
    assert (await ann.flags("tmdb:1396"))["tmdb:1396"].completed == 5


async def test_a_season_elsewhere_is_not_the_whole_show(ann: Viewer) -> None:
    ann.service.catalog.known_as = {"kitsu:7": "tt100"}
    ann.service.catalog.titles["kitsu:7"] = show("kitsu:7", seasons=1)
    ann.service.catalog.titles["tt100"] = show()
    await tell(ann, "watched", [episode(1, 1)])
    await ann.mark("kitsu:7", type="series")
    assert (await ann.flags("tt100"))["tt100"].completed == 1


async def test_what_was_played_by_a_number_of_tmdb_is_marked_under_imdbs_id_as_well(
    ann: Viewer, kid: Viewer, clock: ManualClock
) -> None:
    ann.service.catalog.known_as = {"tmdb:603": "tt1", "tmdb:1396": "tt100", "kitsu:7": "tt9"}
    await ann.at("tmdb:603", HOUR_S / 2)
    await ann.at("tmdb:1396:1:2", 700)
    await ann.at("kitsu:7:1", HOUR_S)
    marks = await ann.flags("tt1", "tt9", "tt100", "tt2")
    assert marks == {"tt1": TitleFlags(progress=0.5), "tt100": TitleFlags(progress=0.1944)}
    seen = [await ann.sees(id_) for id_ in ("tt1", "tt100:1:2", "tt100:1:3", "tt9:1:1")]
    assert [one and one.position_s for one in seen] == [HOUR_S / 2, 700, None, None]
    assert await kid.flags("tt1", "tt100") == {}
    assert await kid.sees("tt1") is None
    await ann.at("tt1", 360)
    assert await ann.flags("tt1") == {"tt1": TitleFlags(progress=0.1)}


async def test_what_is_played_under_another_id_and_comes_back_is_gone_on_with_once(
    ann: Viewer, kid: Viewer
) -> None:
    await ann.at("tmdb:603", 600, at=at(2))
    await ann.at("tmdb:1396:1:1", HOUR_S, at=at(2), event="complete")
    echoes = [
        msgspec.structs.replace(stopped("tt1", 0.17, ago_h=2 - 0.01), alias="tmdb:603"),
        stopped("tt2", 0.5),
    ]
    seen = msgspec.structs.replace(episode(1, 1, ago_h=2), alias="tmdb:1396")
    for viewer in (ann, kid):
        await tell(viewer, "playback", echoes)
        await tell(viewer, "watched", [seen])
    assert set(await ann.ids("continue")) == {"tt2", "tmdb:603"}
    assert set(await kid.ids("continue")) == {"tt2", "tt1"}


async def test_where_something_was_stopped_elsewhere_later_it_is_gone_on_with_there(ann: Viewer) -> None:
    await ann.at("tmdb:603", 600, at=at(5))
    await tell(ann, "playback", [msgspec.structs.replace(stopped("tt1", 0.5), alias="tmdb:603")])
    assert await ann.ids("continue") == ["tt1"]


async def test_what_was_finished_under_another_id_is_not_begun_until_its_source_has_heard_of_it(
    ann: Viewer,
) -> None:
    await tell(ann, "playback", [msgspec.structs.replace(stopped("tt1", 0.5), alias="tmdb:603")])
    assert await ann.ids("continue") == ["tt1"]
    await ann.at("tmdb:603", HOUR_S, event="complete")
    assert await ann.ids("continue") == []


def at(hours: float) -> datetime:
    return datetime.fromtimestamp(ago(hours) / 1000, UTC)

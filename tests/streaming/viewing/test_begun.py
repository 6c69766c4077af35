"""Signs that a player began a video: something to go on with, until better is known."""

from __future__ import annotations

from libs.common.contracts.viewing import BegunVideo
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import Viewer, show, within
from tests.waiting import until


async def signs(viewer: Viewer, video_id: str, type_: str = "movie") -> None:
    video = BegunVideo(video_id=video_id, type=type_)
    await viewer.client.begun(viewer.identity, video, deadline=within())


async def test_what_seems_begun_is_there_to_go_on_with_and_nobody_else_is_told(
    ann: Viewer, kid: Viewer
) -> None:
    await signs(ann, "tt1")
    (item,) = await ann.listed("continue")
    assert (item.video_id, item.reason, item.position_s, item.share) == ("tt1", "begun", 0, 0)
    assert (await ann.sees("tt1"), await ann.events(), await kid.listed("continue")) == (None, [], [])
    assert await ann.listed("watched") == []


async def test_what_a_player_reports_takes_its_place(ann: Viewer, clock: ManualClock) -> None:
    await signs(ann, "tt1")
    clock.advance(10)
    await ann.at("tt1", 600)
    (item,) = await ann.listed("continue")
    assert (item.reason, item.position_s) == ("resume", 600)


async def test_a_sign_moves_nothing_that_is_under_way_or_comes_next(ann: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await ann.at("tt1", 600)
    await ann.at("tt100:1:1", 3590, event="complete")
    await ann.show("tt100")
    clock.advance(10)
    await signs(ann, "tt1")
    await signs(ann, "tt100:1:3", "series")
    told = {item.title_id: (item.reason, item.video_id) for item in await ann.listed("continue")}
    assert told == {"tt1": ("resume", "tt1"), "tt100": ("next", "tt100:1:2")}


async def test_the_episode_that_seems_begun_last_stands_for_its_show(ann: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await signs(ann, "tt100:1:1", "series")
    clock.advance(10)
    await signs(ann, "tt100:1:2", "series")
    await ann.show("tt100")
    (item,) = await ann.listed("continue")
    assert (item.reason, item.video_id, item.season, item.episode) == ("begun", "tt100:1:2", 1, 2)


async def test_a_film_that_was_seen_is_begun_again(ann: Viewer, clock: ManualClock) -> None:
    await ann.at("tt1", 3590, event="complete")
    clock.advance(10)
    await signs(ann, "tt1")
    (item,) = await ann.listed("continue")
    assert (item.reason, item.position_s, item.watched) == ("begun", 0, True)
    assert (await ann.flags("tt1"))["tt1"].watched


async def test_what_was_taken_out_stays_out_until_the_next_sign(ann: Viewer, clock: ManualClock) -> None:
    await signs(ann, "tt1")
    clock.advance(10)
    await ann.client.dismiss(ann.identity, "tt1", deadline=within())
    assert await ann.listed("continue") == []
    clock.advance(10)
    await signs(ann, "tt1")
    assert await ann.ids("continue") == ["tt1"]


async def named(viewer: Viewer, *names: str) -> None:
    async def are() -> bool:
        return [item.name for item in await viewer.listed("continue")] == list(names)

    await until(are)


async def test_its_name_comes_from_addons_and_an_episode_of_the_library_stands_for_its_series(
    ann: Viewer, clock: ManualClock
) -> None:
    titles = ann.service.catalog.titles
    titles["hg:32"] = {"id": "hg:32", "type": "movie", "name": "A film of mine", "poster": "https://x/f.jpg"}
    titles["hg:5"] = show("hg:5")
    await signs(ann, "hg:32")
    clock.advance(10)
    await signs(ann, "hg:5:1:1", "series")
    await named(ann, "The Show", "A film of mine")
    series, film = await ann.listed("continue")
    assert (series.title_id, series.video_id, series.season, series.episode) == ("hg:5", "hg:5:1:1", 1, 1)
    assert (film.reason, film.poster) == ("begun", "https://x/f.jpg")


async def test_what_nobody_knows_has_no_name_and_is_asked_about_again_with_the_next_sign(
    ann: Viewer, clock: ManualClock
) -> None:
    catalog = ann.service.catalog

    async def asked() -> bool:
        return catalog.titles_asked == ["a1 hg:32"]

    await signs(ann, "hg:32")
    await until(asked)
    await named(ann, "")
    catalog.titles["hg:32"] = {"id": "hg:32", "type": "movie", "name": "A film of mine"}
    clock.advance(10)
    await signs(ann, "hg:32")
    await named(ann, "A film of mine")

"""What is kept of a profile's viewing: counted, cleared when somebody says so twice, applied anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.client import RawAnswer
from libs.common.contracts.sync import NewJob
from libs.common.contracts.viewing import VIEWING, TitleFlags
from libs.common.contracts.viewing_upkeep import (
    RebuildStarted,
    SourceTold,
    ViewingCleared,
    ViewingInformation,
)
from libs.common.identity import Identity
from tests.streaming.viewing.conftest import HOUR_S, Viewer, show
from tests.streaming.viewing.telling import episode, film, listed, stopped, tell
from tests.waiting import until


async def information(viewer: Viewer) -> ViewingInformation:
    answer = await viewer.send("GET", f"{VIEWING}/information")
    assert answer.status == 200
    return msgspec.json.decode(answer.body, type=ViewingInformation)


async def clear(viewer: Viewer, body: Any) -> RawAnswer:
    return await viewer.send("POST", f"{VIEWING}/clear", body)


async def test_what_is_kept_is_counted_by_kind_and_by_source(ann: Viewer, kid: Viewer) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await ann.at("tt1", 60)
    await tell(ann, "watched", [film("tt2"), episode(1, 1), episode(1, 2)])
    await tell(ann, "watchlist", [listed("tt5")])
    await tell(ann, "playback", [stopped("tt6", 0.5)], source="import:f1")
    await ann.show("tt100")
    found = await information(ann)
    counts = (found.titles, found.watched_films, found.watched_episodes, found.begun, found.watchlist)
    assert (*counts, found.lists, found.events) == (5, 1, 2, 2, 1, 1, 0)
    assert found.size_bytes > 1000
    by_source = {one.source: (one.watched, one.watchlist, one.playback) for one in found.sources}
    assert by_source == {"trakt": (3, 1, 0), "import:f1": (0, 0, 1)}
    assert all(one.told_at is not None for one in found.sources)
    nothing = await information(kid)
    assert (nothing.titles, nothing.size_bytes, nothing.sources) == (0, 0, ())


async def test_why_a_source_was_not_believed_is_said(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt2")])
    await tell(ann, "watched", [])
    (source,) = (await information(ann)).sources
    assert "nothing of the 1" in source.problem


@pytest.mark.parametrize("body", [{}, {"confirm": "yes"}, {"confirm": "clear it"}, {"confirm": None}])
async def test_nothing_is_cleared_without_the_word(ann: Viewer, body: Any) -> None:
    await ann.at("tt1", HOUR_S)
    assert (await clear(ann, body)).status == 422
    assert await ann.flags("tt1") == {"tt1": TitleFlags(watched=True)}


async def test_all_of_one_profile_is_cleared_and_nothing_of_another(ann: Viewer, kid: Viewer) -> None:
    for viewer in (ann, kid):
        await viewer.at("tt1", HOUR_S)
        await tell(viewer, "watched", [film("tt2"), episode(1, 1)])
        await viewer.mark("tt3")
    answer = await clear(ann, {"confirm": "clear"})
    assert answer.headers["X-Headgate-Changed"] == "1"
    assert msgspec.json.decode(answer.body, type=ViewingCleared) == ViewingCleared(titles=4, videos=4)
    assert await ann.flags("tt1", "tt2", "tt3", "tt100") == {}
    assert await ann.sees("tt1") is None
    found = await information(ann)
    assert (found.titles, found.sources) == (0, ())
    assert len(await kid.flags("tt1", "tt2", "tt3", "tt100")) == 4


async def test_what_was_done_is_still_told_to_other_services_after_clearing(ann: Viewer) -> None:
    await ann.at("tt1", HOUR_S)
    before = await ann.events()
    await clear(ann, {"confirm": "clear"})
    assert await ann.events() == before != []


async def test_after_clearing_what_sources_tell_comes_anew(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt2")])
    await clear(ann, {"confirm": "clear"})
    assert (await tell(ann, "watched", [film("tt2")])).added == 1
    assert await ann.flags("tt2") == {"tt2": TitleFlags(watched=True)}


async def test_rebuilding_applies_anew_what_was_told_and_reads_trakt_from_its_beginning(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt2"), *(episode(1, number) for number in range(1, 300))])
    answer = await ann.send("POST", f"{VIEWING}/rebuild")
    assert answer.status == 202
    assert msgspec.json.decode(answer.body, type=RebuildStarted) == RebuildStarted(rows=300, jobs=("trakt1",))
    assert ann.service.catalog.jobs == [("p1", NewJob(kind="trakt", mode="full"))]

    async def is_applied() -> bool:
        told = (await information(ann)).sources
        return told == (SourceTold(source="trakt", watched=300, told_at=told[0].told_at),)

    await until(is_applied)
    assert (await ann.flags("tt100"))["tt100"].completed == 299
    assert (await tell(ann, "watched", [film("tt2")], whole=False)).unchanged == 1


async def test_without_a_connection_there_is_no_job(ann: Viewer) -> None:
    ann.service.catalog.connected.clear()
    answer = await ann.send("POST", f"{VIEWING}/rebuild")
    assert msgspec.json.decode(answer.body, type=RebuildStarted) == RebuildStarted(rows=0)


async def test_tables_are_put_in_order_by_who_runs_the_hub(ann: Viewer) -> None:
    await ann.at("tt1", 60)
    member = Viewer(ann.service, Identity(account_id="a2", profile_id="p9", tier="free"))
    answers = [await viewer.send("POST", f"{VIEWING}/optimise") for viewer in (ann, member)]
    assert [answer.status for answer in answers] == [204, 403]
    assert await ann.sees("tt1") is not None


async def test_room_that_was_cleared_goes_back_to_the_disk(ann: Viewer, tmp_path: Path) -> None:
    """Of one file; PostgreSQL keeps it for what comes next."""
    await tell(ann, "watched", [film(f"tt{number}") for number in range(1, 2000)])
    await clear(ann, {"confirm": "clear"})
    before = _bytes(tmp_path)
    assert (await ann.send("POST", f"{VIEWING}/optimise")).status == 204
    assert _bytes(tmp_path) <= before / 2
    assert (await tell(ann, "watched", [film("tt2")])).added == 1


def _bytes(folder: Path) -> int:
    """Of the database and the log beside it; nothing where it is elsewhere."""
    return sum(path.stat().st_size for path in folder.rglob("streaming.db*"))

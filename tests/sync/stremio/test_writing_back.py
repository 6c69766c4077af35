"""What is watched here is written to the library at Stremio, where that is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.common.contracts.stremio_account import StremioPatch
from libs.common.contracts.viewing import EpisodeState, ViewingItem
from libs.protocols.stremio_api.watched import write_watched
from libs.protocols.times import moment_text
from services.sync.kinds.base import SourceAway
from services.sync.stremio import writing as writing_back
from tests.fakes.stremio_api import Account, library_item
from tests.sync.stremio.parts import ANNA, Parts, owner_of
from tests.sync.stremio.titles import EARLY, IDS, put, show

HERS = owner_of(ANNA)


def _entry(title_id: str, at: datetime, **members: Any) -> ViewingItem:
    return ViewingItem(
        **{
            "title_id": title_id,
            "type": "movie",
            "name": f"The {title_id}",
            "poster": None,
            "video_id": title_id,
            "season": None,
            "episode": None,
            "episode_name": None,
            "position_s": 0.0,
            "duration_s": 0.0,
            "share": 0.0,
            "watched": True,
            "in_watchlist": False,
            "reason": None,
            "at": at,
            **members,
        }
    )


def _seen(video_id: str, *, watched: bool) -> EpisodeState:
    _, season, number = video_id.split(":")
    return EpisodeState(
        video_id=video_id,
        season=int(season),
        episode=int(number),
        name="",
        released=datetime(2020, 1, 1, tzinfo=UTC),
        watched=watched,
        finished=watched,
        position_s=0,
        share=0,
    )


@pytest.fixture
async def writing(mine: Parts) -> Parts:
    await mine.connections.settle(HERS, StremioPatch(write_back=True, poll=False))
    mine.clock.advance(60)
    return mine


async def test_nothing_is_written_unless_that_is_wanted(mine: Parts, account: Account) -> None:
    mine.screen.lists["watched"] = [_entry("tt1", mine.clock.now() + timedelta(hours=1))]
    await mine.sync()
    assert "datastorePut" not in mine.stremio.methods
    assert account.library == {}


async def test_what_is_watched_here_is_written_there(writing: Parts, account: Account) -> None:
    put(account, library_item("tt1", changed=EARLY), library_item("tt2", changed=EARLY))
    now = writing.clock.now()
    writing.screen.lists = {
        "watched": [_entry("tt1", now)],
        "continue": [
            _entry("tt2", now, reason="resume", position_s=60.5, duration_s=600.0),
            _entry("tt3", now, reason="resume", position_s=30.0, duration_s=60.0, name="New here"),
        ],
    }
    told = await writing.sync()
    assert told[-1].counts["written"].changed == 3
    seen, stopped, new = (account.library[id_] for id_ in ("tt1", "tt2", "tt3"))
    assert (seen["state"]["flaggedWatched"], seen["state"]["timesWatched"]) == (1, 1)
    assert (seen["year"], seen["state"]["season"]) == ("2021–2025", 0)
    assert seen["_mtime"] == moment_text(int(now.timestamp() * 1000))
    assert (stopped["state"]["timeOffset"], stopped["state"]["duration"]) == (60_500, 600_000)
    assert (new["name"], new["removed"], new["temp"]) == ("New here", True, True)
    writing.stremio.asked.clear()
    writing.clock.advance(60)
    await writing.sync()
    assert writing.stremio.asked == []


async def test_more_than_one_run_writes_is_written_by_the_next_the_oldest_first(
    writing: Parts, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing_back, "MOST_TITLES", 2)
    now = writing.clock.now()
    at = {"tt5": 5, "tt4": 4, "tt3": 3, "tt2": 3, "tt1": 1}
    writing.screen.lists["watched"] = [_entry(id_, now + timedelta(seconds=s)) for id_, s in at.items()]
    there = list[set[str]]()
    for _ in range(3):
        await writing.sync()
        there.append(set(account.library))
        writing.clock.advance(600)
    assert there == [{"tt1", "tt2", "tt3"}, set(at), set(at)]


async def test_what_is_newer_there_is_not_written_over(writing: Parts, account: Account) -> None:
    now = writing.clock.now()
    later = (now + timedelta(minutes=1)).isoformat()
    put(account, library_item("tt2", changed=later, timeOffset=5, duration=10, video_id="tt2"))
    writing.screen.lists["continue"] = [_entry("tt2", now, reason="resume", position_s=60, duration_s=600)]
    await writing.sync()
    assert account.library["tt2"]["state"]["timeOffset"] == 5
    assert "datastorePut" not in writing.stremio.methods


async def test_episodes_are_added_to_those_that_are_marked_there(writing: Parts, account: Account) -> None:
    put(account, show("tt7", [IDS[4]], IDS), show("tt8", ["tt8:1:1"], ["tt8:1:0", "tt8:1:1"]))
    now = writing.clock.now()
    writing.screen.lists["watched"] = [
        _entry(title_id, now, type="series", video_id=f"{title_id}:1:1") for title_id in ("tt7", "tt8")
    ]
    writing.screen.episodes = {
        "tt7": tuple(_seen(id_, watched=id_ == IDS[0]) for id_ in IDS),
        "tt8": tuple(_seen(f"tt8:1:{number}", watched=True) for number in (1, 2)),
    }
    before = account.library["tt8"]["state"]["watched"]
    await writing.sync()
    assert account.library["tt7"]["state"]["watched"] == write_watched({IDS[0], IDS[4]}, IDS)
    # There the list of episodes is another: marks would move to the wrong ones.
    assert account.library["tt8"]["state"]["watched"] == before


async def test_a_write_that_did_not_arrive_is_made_again(writing: Parts, account: Account) -> None:
    put(account, library_item("tt1", changed=EARLY))
    writing.screen.lists["watched"] = [_entry("tt1", writing.clock.now())]
    writing.stremio.failing["datastorePut"] = 503
    with pytest.raises(SourceAway):
        await writing.sync()
    writing.stremio.failing.clear()
    await writing.sync()
    assert account.library["tt1"]["state"]["timesWatched"] == 1
    await writing.sync()
    assert account.library["tt1"]["state"]["timesWatched"] == 1


async def test_what_was_watched_before_it_was_wanted_stays_here(writing: Parts, account: Account) -> None:
    writing.screen.lists["watched"] = [_entry("tt1", writing.clock.now() - timedelta(days=1))]
    await writing.sync()
    assert account.library == {}

"""The library at Stremio: read where it has changed, and handed over to viewing state."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.contracts.stremio_account import StremioPatch
from libs.common.contracts.viewing_handover import WatchedRow
from services.sync.errors import ImportFailed
from services.sync.kinds.base import SourceAway
from services.sync.store.stremio_items import ItemRows, ReadItem, StremioItemStore
from services.sync.stremio.library import BATCH, LISTS_AT_ONCE, MOST_LISTS
from tests.fakes.stremio_api import Account, FakeStremio, library_item
from tests.sync.stremio.parts import ANNA, EVA, Parts, owner_of
from tests.sync.stremio.screen import videos
from tests.sync.stremio.titles import EARLY, EARLY_MS, IDS, put, show

HERS = owner_of(ANNA)


async def test_what_was_watched_and_where_it_was_stopped_is_handed_over(
    mine: Parts, account: Account
) -> None:
    mine.screen.shows["tt7"] = videos("tt7", s0=1, s1=3, s2=3)
    mine.screen.shows["tt8"] = videos("tt8", s0=1, s1=1)
    # Cores of Stremio differ in where specials stand.
    ordered = [*IDS, "tt7:0:1"]
    specials_first = ["tt8:0:1", "tt8:1:1"]
    put(
        account,
        library_item("tt1", changed=EARLY, flaggedWatched=1, timesWatched=2),
        library_item("tt2", changed=EARLY, timeOffset=600_000, duration=6_000_000, video_id="tt2"),
        library_item("tt3", changed=EARLY, timeWatched=5_000_000, duration=6_000_000),
        library_item("tt4", changed=EARLY),
        library_item("yt1", "channel", changed=EARLY, flaggedWatched=1),
        show("tt7", [*IDS[:2], "tt7:0:1"], ordered, timeOffset=1, duration=10, video_id="tt7:1:3"),
        show("tt8", specials_first, specials_first),
    )
    await mine.sync()
    watched = mine.screen.of("watched")
    assert sorted(watched) == ["tt1", "tt3", "tt7:0:1", "tt7:1:1", "tt7:1:2", "tt8:0:1", "tt8:1:1"]
    assert watched["tt1"] == {
        "video_id": "tt1",
        "title_id": "tt1",
        "type": "movie",
        "name": "The tt1",
        "poster": "https://pictures.example/tt1.jpg",
        "plays": 2,
        "at": EARLY_MS,
    }
    assert (watched["tt7:1:2"]["season"], watched["tt7:1:2"]["episode"]) == (1, 2)
    assert watched["tt7:1:2"].get("at", 0) == 0
    playback = mine.screen.of("playback")
    assert {video: row["share"] for video, row in playback.items()} == {"tt2": 0.1, "tt7:1:3": 0.1}
    assert playback["tt2"]["duration_s"] == 6000
    assert {told.owner for told in mine.screen.told} == {("anna", "anna-p")}


async def test_nothing_changed_costs_one_question_and_tells_nothing(mine: Parts, account: Account) -> None:
    put(account, library_item("tt1", changed=EARLY, flaggedWatched=1))
    await mine.sync()
    mine.stremio.asked.clear()
    mine.screen.told.clear()
    await mine.sync()
    assert mine.stremio.methods == ["datastoreMeta"]
    assert mine.screen.told == []
    view = await mine.connections.view(HERS)
    assert view.synced_at is not None


async def test_only_what_changed_is_read_and_told(mine: Parts, account: Account) -> None:
    put(account, *(library_item(f"tt{number}", changed=EARLY, flaggedWatched=1) for number in range(1, 9)))
    await mine.sync()
    put(account, library_item("tt3", changed="2026-10-01T00:00:00Z", flaggedWatched=1, timesWatched=3))
    mine.screen.told.clear()
    mine.stremio.asked.clear()
    await mine.sync()
    assert [asked.body.get("ids") for asked in mine.stremio.asked] == [None, ["tt3"]]
    (told,) = mine.screen.told
    assert (told.part, told.whole, [row["plays"] for row in told.rows]) == ("watched", False, [3])


async def test_a_mark_that_was_taken_back_there_is_gone_here(mine: Parts, account: Account) -> None:
    stopped: dict[str, Any] = {"timeOffset": 1, "duration": 2, "video_id": "tt2"}
    put(
        account,
        library_item("tt1", changed=EARLY, flaggedWatched=1),
        library_item("tt2", changed=EARLY, flaggedWatched=1, **stopped),
    )
    await mine.sync()
    put(account, library_item("tt2", changed="2026-10-01T00:00:00Z"))
    await mine.sync()
    assert (list(mine.screen.of("watched")), mine.screen.of("playback")) == (["tt1"], {})


async def test_a_title_that_is_gone_there_takes_what_it_said_along(mine: Parts, account: Account) -> None:
    put(account, *(library_item(f"tt{number}", changed=EARLY, flaggedWatched=1) for number in (1, 2)))
    await mine.sync()
    del account.library["tt1"]
    await mine.sync()
    assert list(mine.screen.of("watched")) == ["tt2"]


async def test_what_was_dismissed_there_is_not_to_be_continued(mine: Parts, account: Account) -> None:
    stopped: dict[str, Any] = {"timeOffset": 1, "duration": 2, "video_id": "x"}
    kept = library_item("tt1", changed=EARLY, **stopped) | {"removed": True, "temp": True}
    gone = library_item("tt2", changed=EARLY, **stopped) | {"removed": True}
    put(account, kept, gone)
    await mine.sync()
    assert [row["title_id"] for row in mine.screen.of("playback").values()] == ["tt1"]


async def test_what_was_read_and_not_told_is_told_the_next_time(mine: Parts, account: Account) -> None:
    put(account, library_item("tt1", changed=EARLY, flaggedWatched=1))
    await mine.sync()
    put(account, library_item("tt2", changed=EARLY, flaggedWatched=1))
    mine.screen.away = True
    with pytest.raises(SourceAway):
        await mine.sync()
    mine.screen.away = False
    await mine.sync()
    assert sorted(mine.screen.of("watched")) == ["tt1", "tt2"]


async def test_a_stremio_that_fails_midway_is_gone_on_with(mine: Parts, account: Account) -> None:
    count = BATCH * 3
    put(account, *(library_item(f"tt{n}", changed=EARLY, flaggedWatched=1) for n in range(count)))
    gets = 0

    def fail(method: str, _account: Account) -> None:
        nonlocal gets
        gets += method == "datastoreGet"
        if gets == 2:
            mine.stremio.failing["datastoreGet"] = 503

    mine.stremio.before = fail
    with pytest.raises(SourceAway):
        await mine.sync()
    assert mine.screen.told == []
    mine.stremio.before = None
    mine.stremio.failing.clear()
    mine.stremio.asked.clear()
    await mine.sync()
    assert mine.stremio.methods.count("datastoreGet") == 1
    assert len(mine.screen.of("watched")) == count


async def test_without_a_list_of_episodes_the_last_one_seen_is_known(mine: Parts, account: Account) -> None:
    put(account, show("tt7", IDS[:2], IDS))
    await mine.sync()
    assert list(mine.screen.of("watched")) == ["tt7:1:2"]


async def test_a_catalog_that_is_away_is_asked_again(mine: Parts, account: Account) -> None:
    mine.screen.shows["tt7"] = videos("tt7", s1=3, s2=3)
    mine.screen.no_titles = True
    put(account, show("tt7", IDS[:2], IDS))
    await mine.sync()
    mine.screen.no_titles = False
    told = await mine.sync()
    assert sorted(mine.screen.of("watched")) == IDS[:2]
    assert told[-1].counts["titles"].remarks == {}
    mine.screen.asked.clear()
    await mine.sync()
    assert mine.screen.asked == []


async def test_episodes_of_a_few_shows_are_asked_for_at_a_time(mine: Parts, account: Account) -> None:
    count = MOST_LISTS + 30
    for number in range(count):
        title, ids = f"tt{number}", [f"tt{number}:1:{episode}" for episode in (1, 2, 3)]
        mine.screen.shows[title] = videos(title, s1=3)
        put(account, show(title, ids, ids))
    told = await mine.sync()
    assert len(mine.screen.asked) == MOST_LISTS
    assert told[-1].counts["titles"].remarks == {"episodes_later": 30}
    await mine.sync()
    assert len(mine.screen.asked) == count
    assert len(mine.screen.of("watched")) == count * 3


async def test_a_library_that_lost_much_is_asked_twice(mine: Parts, account: Account) -> None:
    put(account, *(library_item(f"tt{number}", changed=EARLY, flaggedWatched=1) for number in range(9)))
    await mine.sync()
    account.library = {"tt1": account.library["tt1"]}
    mine.screen.guarded = True
    await mine.sync()
    assert [told.sure for told in mine.screen.told[-2:]] == [True, True]
    assert list(mine.screen.of("watched")) == ["tt1"]


@pytest.mark.parametrize(
    "odd",
    [
        {"_id": "tt1"},
        {"_id": "tt1", "type": "movie", "state": None, "_mtime": EARLY},
        {"_id": "tt1", "type": "series", "state": {"watched": "x:1:" + "A" * 100, "duration": -1}},
        {"_id": "tt1", "type": "series", "state": {"watched": 7, "timeOffset": 1e300, "video_id": {}}},
        {"_id": "tt1", "type": "movie", "state": {"timesWatched": 10**30, "lastWatched": "soon"}},
        {"_id": "  ", "type": "movie", "state": {"flaggedWatched": 1}},
        {"_id": "a\u0007b", "type": "movie", "state": {"flaggedWatched": 1}},
    ],
)
async def test_an_odd_title_keeps_no_other_from_being_read(
    mine: Parts, account: Account, odd: dict[str, Any]
) -> None:
    put(account, odd | {"_mtime": EARLY}, library_item("tt9", changed=EARLY, flaggedWatched=1))
    await mine.sync()
    assert "tt9" in mine.screen.of("watched")


async def test_everything_is_read_anew_when_asked(mine: Parts, account: Account) -> None:
    put(account, library_item("tt1", changed=EARLY, flaggedWatched=1))
    await mine.sync()
    mine.stremio.asked.clear()
    await mine.sync(mode="full")
    assert mine.stremio.methods == ["datastoreMeta", "datastoreGet"]


async def test_a_key_that_was_revoked_ends_the_reading_in_words(mine: Parts) -> None:
    mine.stremio.revoke()
    with pytest.raises(ImportFailed, match="Connect again"):
        await mine.sync()
    with pytest.raises(ImportFailed, match="Connect again"):
        await mine.sync()


async def test_nothing_is_read_where_that_is_not_wanted(mine: Parts, account: Account) -> None:
    await mine.connections.settle(HERS, StremioPatch(poll=False))
    put(account, library_item("tt1", changed=EARLY, flaggedWatched=1))
    mine.stremio.asked.clear()
    await mine.sync()
    assert (mine.stremio.asked, mine.screen.told) == ([], [])


async def test_a_library_of_50_000_titles_is_read_where_it_changed(
    mine: Parts, stremio: FakeStremio, account: Account
) -> None:
    count, new = 50_000, 3 * BATCH
    put(account, *(library_item(f"tt{n}", changed=EARLY, flaggedWatched=1) for n in range(count)))
    said = ItemRows(watched=(WatchedRow(video_id="tt1", title_id="tt1", type="movie"),))
    known = [ReadItem(f"tt{n}", EARLY_MS, said) for n in range(new, count)]
    await StremioItemStore(mine.database).put(HERS, known)
    held = await mine.store.of(HERS)
    assert held is not None
    await mine.store.told(held.id, at=1)
    stremio.asked.clear()
    await mine.sync()
    # A part at a time, which is what keeps it out of memory.
    assert stremio.methods == ["datastoreMeta", "datastoreGet", "datastoreGet", "datastoreGet"]
    assert len(mine.screen.of("watched")) == new


async def test_two_profiles_of_one_account_have_libraries_of_their_own(
    mine: Parts, stremio: FakeStremio, account: Account
) -> None:
    stremio.add_account("eva@example.org", account.password).library["tt5"] = library_item(
        "tt5", changed=EARLY, flaggedWatched=1
    )
    put(account, library_item("tt1", changed=EARLY, flaggedWatched=1))
    await mine.connect(EVA, "eva@example.org")
    await mine.sync()
    await mine.sync(EVA)
    told = {(told.owner[1], row["video_id"]) for told in mine.screen.told for row in told.rows}
    assert told == {("anna-p", "tt1"), ("eva-p", "tt5")}


async def test_addons_that_name_more_episodes_than_anybody_keeps_are_asked_no_more(
    mine: Parts, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sync.stremio.library.MOST_ROWS", 6)
    titles = [f"tt{number}" for number in range(1, 9)]
    mine.screen.shows |= {id_: videos(id_, s1=3) for id_ in titles}
    put(account, *(show(id_, ids := [f"{id_}:1:{n}" for n in (1, 2, 3)], ids) for id_ in titles))
    await mine.sync()
    # Those that were asked at once are all there; of the others the last one seen is.
    assert 2 <= len(mine.screen.asked) <= 2 + LISTS_AT_ONCE
    watched = mine.screen.of("watched")
    assert {row["title_id"] for row in watched.values()} == set(titles)
    assert len(watched) == 8 + 2 * len(mine.screen.asked)

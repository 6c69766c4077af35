"""What TMDB knows: asked once, kept in the cache and the database, and there whatever happens to TMDB."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from services.catalog.metadata.errors import (
    TmdbFailed,
    TmdbKeyRefused,
    TmdbResting,
    TmdbTimedOut,
)
from services.catalog.metadata.known import DAY_S, HOUR_S, KEPT_S, MINUTE_S
from services.catalog.metadata.model import question_of
from services.catalog.store.title_ids import Numbered
from tests.catalog.metadata.conftest import HELD, STRANGER, Asking
from tests.waiting import until


async def test_a_title_is_found_by_its_imdb_id_and_asked_for_once(asking: Asking) -> None:
    first, second = await asking.of(), await asking.of()
    assert first.facts is not None
    assert (first.facts.name, first.facts.tmdb_id) == ("Metropolis", 19)
    assert second.facts == first.facts
    assert (first.state, second.state) == ("miss", "hit")
    assert asking.tmdb.paths == ["/find/tt0017136", "/movie/19"]


async def test_which_title_of_imdb_it_is_is_kept_for_whoever_has_its_number(asking: Asking) -> None:
    await asking.of()
    known = await asking.ids.known([Numbered("tmdb", 19), Numbered("tmdb", 20)])
    assert known == [(Numbered("tmdb", 19), 17136)]


@pytest.mark.parametrize(
    ("id_", "type_", "name"),
    [
        ("tmdb:19", "movie", "Metropolis"),
        ("tmdb:19", "series", "The Line"),
        ("tvdb:81189", "series", "The Line"),
        ("tt0903747", "movie", "The Line"),
    ],
)
async def test_every_system_leads_to_its_title(asking: Asking, id_: str, type_: str, name: str) -> None:
    """An IMDb id is of one title, whatever an addon takes it for."""
    known = await asking.of(id_, type_)
    assert known.facts is not None
    assert known.facts.name == name


async def test_each_language_is_kept_by_itself(asking: Asking) -> None:
    german, plain = await asking.of(language="de-DE"), await asking.of()
    assert german.facts is not None
    assert plain.facts is not None
    assert (german.facts.local_name, german.facts.local_description) == (
        "Die Stadt",
        "Eine Stadt der Zukunft.",
    )
    assert plain.facts.name == "Metropolis"


async def test_many_at_once_are_one_question(asking: Asking) -> None:
    held_back = asking.tmdb.hold_back()
    several = asyncio.gather(*(asking.of() for _ in range(20)))
    await asking.tmdb.reached()
    held_back.set()
    assert len({known.facts for known in await several}) == 1
    assert len(asking.tmdb.asked) == 2


async def test_a_restart_asks_nothing_again_for_a_day(asking: Asking) -> None:
    await asking.of()
    asking.restarted()
    asking.clock.advance(DAY_S - HOUR_S)
    again = await asking.of()
    assert again.facts is not None
    assert HOUR_S - 5 <= again.freshness.max_age_s <= HOUR_S
    assert len(asking.tmdb.asked) == 2
    asking.restarted()
    asking.clock.advance(2 * HOUR_S)
    assert (await asking.of()).state == "miss"
    assert len(asking.tmdb.asked) == 4


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
async def test_whatever_tmdb_answers_what_it_said_before_stays(asking: Asking, status: int) -> None:
    before = await asking.of()
    asking.restarted()
    asking.clock.advance(2 * DAY_S)
    asking.tmdb.status = status
    again = await asking.of()
    assert again.facts == before.facts
    assert again.freshness.max_age_s <= HOUR_S


async def test_what_stands_in_says_so_and_is_soon_asked_for_again(asking: Asking) -> None:
    await asking.of()
    asking.restarted()
    asking.clock.advance(2 * DAY_S)
    await asking.tmdb.stop()
    away = await asking.of()
    assert (away.state, away.freshness.max_age_s) == ("stale", MINUTE_S)
    assert (await asking.of()).state == "stale"
    async with asking.tmdb:
        asking.clock.advance(2 * MINUTE_S)
        assert (await asking.of()).state == "miss"


async def test_a_slow_tmdb_does_not_hold_up_what_is_known(asking: Asking) -> None:
    await asking.of()
    asking.restarted()
    asking.clock.advance(2 * DAY_S)
    asking.tmdb.hold_back()
    assert (await asking.of()).state == "stale"


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, TmdbKeyRefused), (429, TmdbResting), (500, TmdbFailed), (503, TmdbFailed)],
)
async def test_what_is_not_known_fails_with_what_tmdb_did(
    asking: Asking, status: int, error: type[HeadgateError]
) -> None:
    asking.tmdb.status = status
    with pytest.raises(error):
        await asking.of()


async def test_a_key_that_is_refused_is_told_of_and_no_other(asking: Asking) -> None:
    with pytest.raises(TmdbKeyRefused):
        await asking.of(held=STRANGER)
    assert asking.refused == [STRANGER]
    assert (await asking.of()).facts is not None
    assert asking.refused == [STRANGER]


async def test_tmdb_that_keeps_failing_is_left_alone_and_asked_again_later(asking: Asking) -> None:
    asking.tmdb.status = 500
    for number in range(8):
        with pytest.raises(HeadgateError):
            await asking.of(f"tt000000{number + 1}")
    assert len(asking.tmdb.asked) == 5
    assert asking.source.seen.state == "away"
    asking.tmdb.status = 200
    asking.clock.advance(60)
    assert (await asking.of()).facts is not None
    assert str(asking.source.seen.state) == "works"


async def test_after_a_429_nothing_is_asked_for_as_long_as_tmdb_wants(asking: Asking) -> None:
    asking.tmdb.status, asking.tmdb.retry_after = 429, "7"
    for id_ in ("tt0017136", "tt0000002"):
        with pytest.raises(TmdbResting):
            await asking.of(id_)
    assert len(asking.tmdb.asked) == 1
    assert asking.source.seen.state == "rate_held"
    asking.tmdb.status = 200
    asking.clock.advance(7)
    assert (await asking.of()).facts is not None


async def test_a_title_that_tmdb_has_not_is_soon_asked_for_again(asking: Asking) -> None:
    assert (await asking.of("tt0000002")).facts is None
    assert (await asking.of("tt0000002")).state == "hit"
    assert len(asking.tmdb.asked) == 1
    asking.tmdb.add("movie", 2, imdb_id="tt0000002", title="Added meanwhile")
    asking.clock.advance(2 * HOUR_S)
    known = await asking.of("tt0000002")
    assert known.facts is not None


async def test_whoever_can_not_wait_leaves_and_the_answer_is_there_the_next_time(asking: Asking) -> None:
    held_back = asking.tmdb.hold_back()
    question = question_of("movie", "tt0017136", "")
    assert question is not None
    with pytest.raises(TmdbTimedOut):
        await asking.knowledge.of(HELD, question, deadline=Deadline.after(asking.clock, 0.05))
    held_back.set()

    async def there() -> bool:
        return asking.cache.held(question.name) is not None

    await until(there)
    assert (await asking.of()).facts is not None
    assert len(asking.tmdb.asked) == 2


async def test_nothing_is_kept_for_longer_than_tmdbs_terms_allow(asking: Asking) -> None:
    await asking.of()
    asking.clock.advance(KEPT_S + 1)
    asking.restarted()
    await asking.tmdb.stop()
    with pytest.raises(TmdbFailed):
        await asking.of()
    await asking.knowledge.forget_old()
    assert await asking.store.get("movie:imdb:tt0017136:") is None


async def test_what_another_version_stored_is_asked_for_again(asking: Asking) -> None:
    await asking.store.put("movie:imdb:tt0017136:", b"\xc1", at=int(asking.clock.time() * 1000))
    known = await asking.of()
    assert known.facts is not None


async def test_a_title_is_found_by_name_and_year(asking: Asking) -> None:
    asking.tmdb.add("movie", 20, title="Metropolis", release_date="2001-05-26")
    for asked, number in (("1927 metropolis", 19), ("1928 metropolis", 19), ("2001 metropolis", 20)):
        known = await asking.named(asked)
        assert known.facts is not None
        assert known.facts.tmdb_id == number


async def test_a_title_is_found_by_its_name_in_the_language_chosen(asking: Asking) -> None:
    asking.tmdb.titles["movie", 19]["original_title"] = "Die Stadt"
    known = await asking.named("1927 die stadt", language="de-DE")
    assert known.facts is not None


@pytest.mark.parametrize("asked", ["1950 metropolis", "1927 metropolis 2", "1927 metro"])
async def test_a_title_that_may_be_another_is_none(asking: Asking, asked: str) -> None:
    assert (await asking.named(asked)).facts is None


async def test_two_of_a_name_and_year_are_none(asking: Asking) -> None:
    asking.tmdb.add("movie", 20, title="Metropolis", release_date="1927-05-26")
    assert (await asking.named("1927 metropolis")).facts is None


async def test_episodes_are_asked_for_only_where_they_are_wanted(asking: Asking) -> None:
    asking.tmdb.add_seasons(19, s0=1, **{f"s{number}": 2 for number in range(1, 23)}, s23=0)
    plain = question_of("series", "tt0903747", "")
    assert plain is not None
    without = await asking.ask(plain)
    assert without.facts is not None
    assert without.facts.episodes == ()
    asking.tmdb.asked.clear()
    whole = await asking.ask(replace(plain, episodes=True))
    assert whole.facts is not None
    assert len(whole.facts.episodes) == 45
    assert (whole.facts.episodes[0].season, whole.facts.episodes[-1].season) == (0, 22)
    assert asking.tmdb.paths == ["/find/tt0903747", "/tv/19", "/tv/19", "/tv/19"]

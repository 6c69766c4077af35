"""The client against a TMDB over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.http import Fetcher, FetchError, Guard, make_session
from libs.protocols.tmdb.client import APPENDED, MAX_SEASONS, TmdbClient
from libs.protocols.tmdb.errors import (
    AnswerUnreadable,
    BadQuestion,
    KeyRefused,
    NothingThere,
    ServiceDown,
    TmdbError,
    TooManyRequests,
)
from libs.protocols.tmdb.key import TmdbKey
from tests.fakes.tmdb import API_KEY, MAX_APPENDED, READ_TOKEN, FakeTmdb

KEY = TmdbKey(API_KEY)
STRANGER = TmdbKey("f" * 32)


@pytest.fixture
async def tmdb() -> AsyncIterator[FakeTmdb]:
    async with FakeTmdb() as tmdb:
        tmdb.add(
            "movie",
            19,
            imdb_id="tt0017136",
            title="Metropolis",
            overview="A city of the future.",
            release_date="1927-02-06",
            runtime=153,
            translations={"de-DE": {"title": "Metropolis", "overview": "Eine Stadt der Zukunft."}},
            credits={"cast": [{"name": "Brigitte Helm", "order": 0}], "crew": []},
            images={"logos": [{"file_path": "/a.png", "iso_639_1": "fr"}, {"file_path": "/b.png"}]},
        )
        tmdb.add("tv", 19, tvdb_id=81189, name="The Line", first_air_date="2001-01-01")
        yield tmdb


@pytest.fixture
async def client(tmdb: FakeTmdb) -> AsyncIterator[TmdbClient]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        yield TmdbClient(Fetcher(session, guard, SystemClock()), tmdb.url, max_bytes=1024 * 1024)


@pytest.mark.parametrize(("text", "place"), [(API_KEY, "query"), (READ_TOKEN, "header")])
async def test_either_kind_of_key_is_taken(client: TmdbClient, tmdb: FakeTmdb, text: str, place: str) -> None:
    await client.check_key(TmdbKey(text))
    assert [(asked.path, asked.key_in) for asked in tmdb.asked] == [("/authentication", place)]


async def test_a_read_token_never_stands_in_an_address(client: TmdbClient, tmdb: FakeTmdb) -> None:
    await client.details(TmdbKey(READ_TOKEN), "movie", 19)
    assert all(READ_TOKEN not in value for asked in tmdb.asked for value in asked.query.values())


async def test_a_film_is_found_by_the_id_of_another_system(client: TmdbClient) -> None:
    film = await client.find(KEY, "imdb_id", "tt0017136")
    series = await client.find(KEY, "tvdb_id", "81189")
    nothing = await client.find(KEY, "imdb_id", "tt9999999")
    assert [item.id for item in film.movie_results] == [19]
    assert film.tv_results == ()
    assert [item.id for item in series.tv_results] == [19]
    assert (nothing.movie_results, nothing.tv_results) == ((), ())


async def test_details_come_whole_in_one_question(client: TmdbClient, tmdb: FakeTmdb) -> None:
    film = await client.details(KEY, "movie", 19)
    assert (film.title, film.runtime, film.release_date) == ("Metropolis", 153, "1927-02-06")
    assert [person.name for person in film.credits.cast] == ["Brigitte Helm"]
    assert film.external_ids.imdb_id == "tt0017136"
    assert [texts.overview for texts in film.translated("de-AT")] == ["Eine Stadt der Zukunft."]
    assert len(tmdb.asked) == 1
    assert len(APPENDED) <= MAX_APPENDED


async def test_details_are_in_the_language_asked_for(client: TmdbClient) -> None:
    german = await client.details(KEY, "movie", 19, language="de-DE")
    french = await client.details(KEY, "movie", 19, language="fr-FR")
    assert german.overview == "Eine Stadt der Zukunft."
    assert (french.title, french.overview) == ("Metropolis", "")
    assert [image.file_path for image in german.images.logos] == ["/b.png"]
    assert [image.file_path for image in french.images.logos] == ["/a.png", "/b.png"]


async def test_seasons_come_with_their_episodes_in_one_question(client: TmdbClient, tmdb: FakeTmdb) -> None:
    tmdb.add_seasons(19, s0=1, s1=3)
    details = await client.details(KEY, "tv", 19)
    assert [(head.season_number, head.episode_count) for head in details.seasons] == [(0, 1), (1, 3)]
    tmdb.asked.clear()
    special, first = await client.seasons(KEY, 19, [0, 1, 9])
    assert [len(season.episodes) for season in (special, first)] == [1, 3]
    assert (first.episodes[2].episode_number, first.episodes[2].air_date) == (3, "2001-01-03")
    assert len(tmdb.asked) == 1


@pytest.mark.parametrize("count", [0, MAX_SEASONS + 1])
async def test_more_seasons_than_tmdb_takes_are_not_asked_for(
    client: TmdbClient, tmdb: FakeTmdb, count: int
) -> None:
    with pytest.raises(BadQuestion):
        await client.seasons(KEY, 19, range(count))
    assert tmdb.asked == []


async def test_films_and_series_share_numbers(client: TmdbClient) -> None:
    assert (await client.details(KEY, "tv", 19)).name == "The Line"


async def test_a_search_is_paged_by_20(client: TmdbClient, tmdb: FakeTmdb) -> None:
    for number in range(100, 145):
        tmdb.add("movie", number, title=f"Night {number}")
    tmdb.add("tv", 200, name="Night shift")
    first = await client.search(KEY, "movie", "night")
    third = await client.search(KEY, "movie", "night", page=3)
    everything = await client.search(KEY, "multi", "night", page=3)
    assert (len(first.results), first.total_pages, first.total_results) == (20, 3, 45)
    assert len(third.results) == 5
    assert [item.media_type for item in everything.results[-2:]] == ["movie", "tv"]


async def test_a_search_names_the_year_as_its_kind_does(client: TmdbClient, tmdb: FakeTmdb) -> None:
    await client.search(KEY, "movie", "night", year=1927)
    await client.search(KEY, "tv", "night", year=1927)
    assert tmdb.asked[0].query["primary_release_year"] == "1927"
    assert tmdb.asked[1].query["first_air_date_year"] == "1927"


@pytest.mark.parametrize("page", [0, 501])
async def test_a_page_that_tmdb_refuses_is_not_asked_for(
    client: TmdbClient, tmdb: FakeTmdb, page: int
) -> None:
    with pytest.raises(BadQuestion):
        await client.search(KEY, "movie", "night", page=page)
    assert tmdb.asked == []


async def test_a_title_that_is_not_there_is_told_apart(client: TmdbClient) -> None:
    with pytest.raises(NothingThere):
        await client.details(KEY, "movie", 20)


async def test_a_key_that_tmdb_does_not_know_is_refused(client: TmdbClient) -> None:
    with pytest.raises(KeyRefused) as refused:
        await client.check_key(STRANGER)
    assert (refused.value.is_failure, refused.value.is_retryable) == (False, False)


async def test_past_its_rate_it_says_when_to_come_back(client: TmdbClient, tmdb: FakeTmdb) -> None:
    tmdb.per_second = 1
    await client.check_key(KEY)
    with pytest.raises(TooManyRequests) as refused:
        await client.check_key(KEY)
    assert refused.value.retry_after_s == 1
    assert (refused.value.is_failure, refused.value.is_retryable) == (False, True)


@pytest.mark.parametrize(
    ("status", "kind", "counts"),
    [
        (400, BadQuestion, (False, False)),
        (401, KeyRefused, (False, False)),
        (404, NothingThere, (False, False)),
        (422, BadQuestion, (False, False)),
        (429, TooManyRequests, (False, True)),
        (500, ServiceDown, (True, False)),
        (503, ServiceDown, (True, True)),
    ],
)
async def test_every_status_has_its_error(
    client: TmdbClient, tmdb: FakeTmdb, status: int, kind: type[TmdbError], counts: tuple[bool, bool]
) -> None:
    """`counts` is whether it speaks against TMDB's health, and whether asking again has a chance."""
    tmdb.status, tmdb.retry_after = status, "7"
    with pytest.raises(kind) as failed:
        await client.details(KEY, "movie", 19)
    assert (failed.value.is_failure, failed.value.is_retryable) == counts
    assert failed.value.retry_after_s == (7 if status in (429, 500, 503) else None)
    assert API_KEY not in str(failed.value)


@pytest.mark.parametrize("body", [b"<html>Maintenance</html>", b'{"id": "nineteen"}', b"", b"\xff\xfe"])
async def test_an_answer_of_another_shape_is_an_error(
    client: TmdbClient, tmdb: FakeTmdb, body: bytes
) -> None:
    tmdb.body = body
    with pytest.raises(AnswerUnreadable):
        await client.details(KEY, "movie", 19)


async def test_a_server_that_is_gone_is_a_fetch_error(client: TmdbClient, tmdb: FakeTmdb) -> None:
    await tmdb.stop()
    with pytest.raises(FetchError) as failed:
        await client.details(KEY, "movie", 19)
    assert API_KEY not in str(failed.value)

"""Data sets handed over to a running catalog, and its answers about ratings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from libs.common.contracts.imdb import ImdbClient, SetName, SwapCounts
from libs.common.errors import Conflict, HeadgateError, InvalidInput, NotFound, Unavailable
from libs.protocols.imdb.ids import IdSet
from tests.catalog.hub import OWNER, Catalog, running_catalog
from tests.catalog.imdb import put
from tests.fakes.clock import ManualClock

RATINGS = [(number, 50 + number, 100 * number) for number in range(1, 21)]
EPISODES = [(7, 1, 1, 11), (7, 1, 2, 12), (7, 1, 2, 13)]


async def refused(catalog: Catalog, name: SetName, rows: Sequence[object]) -> HeadgateError:
    with pytest.raises(HeadgateError) as caught:
        await put(catalog, name, rows)
    return caught.value


async def rating(catalog: Catalog, tail: str) -> object:
    return await catalog.get(f"/api/v1/ratings/{tail}")


@pytest.fixture
async def filled(catalog: Catalog) -> Catalog:
    await put(catalog, "ratings", RATINGS)
    await put(catalog, "episodes", EPISODES)
    return catalog


async def test_a_title_is_rated_by_its_id(filled: Catalog) -> None:
    expected = {"id": "tt0000003", "imdb_id": "tt0000003", "rating": 5.3, "votes": 300}
    assert await rating(filled, "tt0000003") == expected


async def test_an_episode_is_rated_by_its_place(filled: Catalog) -> None:
    expected = {"id": "tt0000007:1:1", "imdb_id": "tt0000011", "rating": 6.1, "votes": 1100}
    assert await rating(filled, "tt0000007/1/1") == expected


async def test_of_two_episodes_of_one_place_the_one_more_people_rated_counts(filled: Catalog) -> None:
    found = await rating(filled, "tt0000007/1/2")
    assert isinstance(found, dict)
    assert found["imdb_id"] == "tt0000013"


@pytest.mark.parametrize(
    "tail", ["tt0000099", "kitsu:1", "tt0000007/9/9", "tt0000007/one/1", "tt0000007/-1/1", "tt99999999999"]
)
async def test_what_has_no_rating_is_not_found(filled: Catalog, tail: str) -> None:
    assert await filled.problem("GET", f"/api/v1/ratings/{tail}") == (404, "rating_not_found")


async def test_many_are_answered_at_once_in_the_order_asked(filled: Catalog) -> None:
    ids = ["tt0000007:1:1", "kitsu:1:1", "tt0000002", "tt0000099", "tt0000001", "tt0000002"]
    answer = await filled.send("POST", "/api/v1/ratings", {"ids": ids})
    found = msgspec.json.decode(answer.body)
    assert [item["id"] for item in found["items"]] == ["tt0000007:1:1", "tt0000002", "tt0000001"]
    assert found["missing"] == ["kitsu:1:1", "tt0000099"]


async def test_nothing_asked_is_nothing_found(filled: Catalog) -> None:
    answer = await filled.send("POST", "/api/v1/ratings", {"ids": []})
    assert msgspec.json.decode(answer.body) == {"items": [], "missing": []}


async def test_five_hundred_may_be_asked_at_once_and_no_more(filled: Catalog) -> None:
    ids = [f"tt{number:07d}" for number in range(500)]
    answer = await filled.send("POST", "/api/v1/ratings", {"ids": ids})
    assert len(msgspec.json.decode(answer.body)["items"]) == 20
    assert await filled.problem("POST", "/api/v1/ratings", {"ids": [*ids, "tt1"]}) == (422, "invalid_input")


async def test_an_anime_is_rated_where_it_is_at_imdb(filled: Catalog) -> None:
    """Its second season here is the second part of the first season there."""
    places = [(70, "kitsu", 7, 1, 0), (71, "kitsu", 7, 1, 1), (71, "mal", 3, None, 0), (72, "mal", 99, 1, 0)]
    await put(filled, "anime_ids", places)
    expected = {
        "kitsu:70": "tt0000007",
        "kitsu:70:1": "tt0000011",
        "kitsu:71": "tt0000007",
        "kitsu:71:1": "tt0000013",
        "mal:71": "tt0000003",
    }
    unknown = ["kitsu:71:2", "kitsu:70:0", "mal:71:1", "mal:72", "mal:70", "anilist:70", "kitsu:999999999:9"]
    answer = await filled.send("POST", "/api/v1/ratings", {"ids": [*expected, *unknown, "tt0000002"]})
    found = msgspec.json.decode(answer.body)
    assert {each["id"]: each["imdb_id"] for each in found["items"]} == {**expected, "tt0000002": "tt0000002"}
    assert found["missing"] == unknown
    assert await rating(filled, "kitsu:71:1") == found["items"][3]


async def test_an_import_counts_what_it_changed(filled: Catalog) -> None:
    newer = [(1, 99, 1), *RATINGS[1:19], (30, 50, 1)]
    assert await put(filled, "ratings", newer) == SwapCounts(added=1, changed=1, removed=1, unchanged=18)
    states = await ImdbClient(filled.service).states(deadline=filled.deadline)
    assert [(one.name, one.rows, one.etag) for one in states] == [
        ("ratings", 20, '"1"'),
        ("episodes", 3, ""),
        ("titles", 0, ""),
        ("akas", 0, ""),
        ("anime_ids", 0, ""),
    ]


async def test_what_would_remove_too_much_leaves_everything(filled: Catalog) -> None:
    error = await refused(filled, "ratings", RATINGS[:10])
    assert isinstance(error, Conflict)
    assert error.code == "imdb_would_remove_too_much"
    assert "10 of 20 rows" in error.detail
    assert await rating(filled, "tt0000020")


async def test_an_operator_may_allow_it(tmp_path: Path) -> None:
    async with running_catalog(tmp_path, HEADGATE_IMDB_MAX_REMOVED="1") as catalog:
        await put(catalog, "ratings", RATINGS)
        assert (await put(catalog, "ratings", RATINGS[:1])).removed == 19


async def test_nothing_never_replaces_something(filled: Catalog) -> None:
    assert (await refused(filled, "ratings", [])).code == "imdb_nothing_to_keep"
    assert await rating(filled, "tt0000001")


async def test_a_row_that_comes_twice_refuses_the_set(filled: Catalog) -> None:
    assert (await refused(filled, "ratings", [*RATINGS, RATINGS[3]])).code == "imdb_row_twice"


@pytest.mark.parametrize("rows", [[(1, 2)], [("a", 1, 1)], ["x"]])
async def test_rows_of_another_shape_are_refused(filled: Catalog, rows: list[object]) -> None:
    error = await refused(filled, "ratings", rows)
    assert isinstance(error, InvalidInput)
    assert error.code == "imdb_rows_unreadable"


async def test_a_hand_over_that_breaks_off_changes_nothing(filled: Catalog) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"[[1,99,1]]\n"
        raise LookupError

    client = ImdbClient(filled.service)
    with pytest.raises(Unavailable):
        await client.stage("ratings", "run", broken(), deadline=filled.deadline)
    found = await rating(filled, "tt0000001")
    assert isinstance(found, dict)
    assert found["rating"] == 5.1
    assert (await put(filled, "ratings", RATINGS)).unchanged == 20


async def test_only_services_may_hand_over(filled: Catalog) -> None:
    for method, path in [
        ("GET", "/internal/catalog/imdb"),
        ("GET", "/internal/catalog/imdb/ratings/ids"),
        ("POST", "/internal/catalog/imdb/ratings/rows?run=x"),
        ("POST", "/internal/catalog/imdb/ratings/swap"),
    ]:
        assert (await filled.send(method, path, identity=OWNER)).status == 403


async def test_the_rated_titles_are_known_as_a_set(filled: Catalog) -> None:
    client = ImdbClient(filled.service)
    rated = IdSet(await client.kept_ids("ratings", deadline=filled.deadline))
    assert [number for number in range(50) if number in rated] == list(range(1, 21))
    with pytest.raises(NotFound):
        await client.kept_ids("episodes", deadline=filled.deadline)


async def test_when_it_was_imported_is_told(tmp_path: Path, clock: ManualClock) -> None:
    async with running_catalog(tmp_path, clock=clock) as catalog:
        await put(catalog, "ratings", RATINGS)
        states = await ImdbClient(catalog.service).states(deadline=catalog.deadline)
        assert states[0].imported_at is not None
        assert abs(states[0].imported_at.timestamp() - clock.time()) < 0.01

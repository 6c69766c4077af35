"""Ratings in what a catalog answers: rows, titles, episodes and searches, as each profile wants them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.ratings import PATH
from libs.common.db.database import StatementTimes
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.catalog.imdb import put
from tests.fakes.addon import FakeAddon, film, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock
from tests.waiting import until

RATINGS = [(number, 50 + number % 40, 10 * number) for number in range(1, 101)]
EPISODES = [(500, 1, 1, 11), (500, 1, 2, 12)]
SHOW = {
    "id": "tt0000500",
    "type": "series",
    "name": "Show",
    "videos": [
        {"id": "tt0000500:1:1", "title": "One", "season": 1, "episode": 1},
        {"id": "other", "title": "Two", "season": 1, "episode": 2, "overview": "Text"},
        {"id": "tt0000500:1:3", "title": "Three", "season": 1, "episode": 3},
        "no video",
    ],
}


@pytest.fixture
async def addon(catalog: Catalog) -> AsyncIterator[FakeAddon]:
    """A row of 130 films, of which the first hundred are rated, and a show with its episodes."""
    async with fake() as addon:
        for identity in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT):
            await catalog.add(addon.manifest_url, identity=identity)
        await put(catalog, "ratings", [*RATINGS, (500, 88, 9000)])
        await put(catalog, "episodes", EPISODES)
        yield addon


def fake() -> FakeAddon:
    rows = [row_of("top", extra=["skip", "search"])]
    metas = {"tt0000500": SHOW, "tt0000007": {**film(7), "links": []}, "tt0000120": film(120)}
    return FakeAddon(manifest=manifest(catalogs=rows), catalogs={"top": films(130)}, metas=metas)


async def wish(catalog: Catalog, identity: Any = OWNER, **settings: object) -> None:
    answer = await catalog.send("PUT", PATH, settings, identity=identity)
    assert answer.status == 200, answer.body


async def row(catalog: Catalog, tail: str = "", identity: Any = OWNER) -> list[Any]:
    rows = (await catalog.manifest(identity=identity))["catalogs"]
    answer = await catalog.ask(f"catalog/movie/{rows[0]['id']}{tail}.json", identity=identity)
    assert answer.status == 200, answer.body
    found: list[Any] = msgspec.json.decode(answer.body)["metas"]
    return found


async def title(catalog: Catalog, id_: str, type_: str = "movie", identity: Any = OWNER) -> Any:
    answer = await catalog.ask(f"meta/{type_}/{id_}.json", identity=identity)
    return msgspec.json.decode(answer.body)["meta"]


@pytest.fixture
def asked_for_ratings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database was asked about ratings so far: others ask it for other things in the background."""
    heard: list[str] = []
    ended = StatementTimes.end

    def end(times: StatementTimes, started: float, sql: str) -> None:
        if "FROM imdb_ratings r" in sql:
            heard.append(sql)
        ended(times, started, sql)

    monkeypatch.setattr(StatementTimes, "end", end)
    return heard


async def test_a_row_shows_the_ratings_of_what_is_rated(catalog: Catalog, addon: FakeAddon) -> None:
    assert [item["imdbRating"] for item in await row(catalog)] == [
        f"{tenths / 10:.1f}" for _, tenths, _ in RATINGS
    ]
    assert await row(catalog, "/skip=100") == films(30, start=101)


async def test_what_is_not_rated_is_sent_as_its_addon_wrote_it(catalog: Catalog, addon: FakeAddon) -> None:
    odd = b'{ "id":"tt0000300" ,"type":"movie","imdbRating":"NaN", "links" :[ ], "x":1.50}'
    addon.on("catalog", body=b'{"metas":[' + odd + b"]}")
    rows = (await catalog.manifest())["catalogs"]
    answer = await catalog.ask(f"catalog/movie/{rows[0]['id']}.json")
    assert odd in answer.body


@pytest.mark.parametrize("tail", ["catalog/movie/{row}.json", "meta/series/tt0000500.json"])
async def test_all_ratings_of_an_answer_are_one_question(
    timed: Catalog, asked_for_ratings: list[str], tail: str
) -> None:
    async with fake() as addon:
        await timed.add(addon.manifest_url)
        await put(timed, "ratings", [*RATINGS, (500, 88, 9000)])
        await put(timed, "episodes", EPISODES)
        tail = tail.format(row=(await timed.manifest())["catalogs"][0]["id"])
        await timed.ask("meta/movie/tt0000120.json")  # by now it is known that there are ratings
        addon.calls.clear()

        async def cost() -> int:
            asked_for_ratings.clear()
            assert (b"imdbRating" in (await timed.ask(tail)).body) is settings["rows"]
            return len(asked_for_ratings)

        settings = {"rows": True, "titles": True, "episodes": True}
        with_ratings = await cost()
        settings = dict.fromkeys(settings, False)
        await wish(timed, **settings)
        assert (with_ratings, await cost()) == (1, 0)
        assert addon.calls.total() == 1


async def test_titles_and_episodes_are_switched_apart(catalog: Catalog, addon: FakeAddon) -> None:
    async def shown() -> tuple[object, list[object]]:
        meta = await title(catalog, "tt0000500", "series")
        videos = (video for video in meta["videos"] if isinstance(video, dict))
        return meta.get("imdbRating"), [video.get("rating") for video in videos]

    assert await shown() == ("8.8", ["6.1", "6.2", None])
    await wish(catalog, titles=False)
    assert await shown() == (None, ["6.1", "6.2", None])
    await wish(catalog, episodes=False)
    assert await shown() == ("8.8", [None, None, None])
    assert (await title(catalog, "tt0000500", "series"))["videos"] == SHOW["videos"]


async def test_a_title_with_links_has_the_rating_among_them(catalog: Catalog, addon: FakeAddon) -> None:
    meta = await title(catalog, "tt0000007")
    link = {"name": "5.7", "category": "imdb", "url": "https://imdb.com/title/tt0000007"}
    assert (meta["imdbRating"], meta["links"]) == ("5.7", [link])
    assert await title(catalog, "tt0000120") == film(120)


async def test_a_later_part_of_an_anime_is_rated_where_it_is_at_imdb(catalog: Catalog) -> None:
    """Its addon counts episodes and seasons anew; one of its videos says itself where it is."""
    part = {
        "id": "kitsu:2",
        "type": "series",
        "name": "Show, part 2",
        "videos": [
            {"id": "kitsu:2:1", "title": "One", "season": 1, "episode": 1},
            {"id": "kitsu:2:2", "title": "Two", "season": 1, "episode": 2},
            {"id": "kitsu:2:3", "imdb_id": "tt0000500", "imdbSeason": 1, "imdbEpisode": 1},
        ],
    }
    preview = {"id": "kitsu:2", "type": "series", "name": "Show, part 2"}
    unplaced = {"id": "kitsu:9", "type": "series", "name": "Nobody knows"}
    rows = [row_of("anime", "series")]
    described = manifest(catalogs=rows, idPrefixes=["kitsu:"])
    async with FakeAddon(
        manifest=described, catalogs={"anime": [preview, unplaced]}, metas={"kitsu:2": part}
    ) as addon:
        await catalog.add(addon.manifest_url)
        await put(catalog, "ratings", [*RATINGS, (500, 88, 9000)])
        await put(catalog, "episodes", EPISODES)
        await put(catalog, "anime_ids", [(2, "kitsu", 500, 1, 1)])
        row_id = (await catalog.manifest())["catalogs"][0]["id"]
        answer = await catalog.ask(f"catalog/series/{row_id}.json")
        metas = msgspec.json.decode(answer.body)["metas"]
        assert metas == [{**preview, "imdbRating": "8.8"}, unplaced]
        meta = await title(catalog, "kitsu:2", "series")
        assert meta["imdbRating"] == "8.8"
        assert [video.get("rating") for video in meta["videos"]] == ["6.2", None, "6.1"]


async def test_ratings_by_too_few_are_not_shown(catalog: Catalog, addon: FakeAddon) -> None:
    await wish(catalog, minimum_votes=500)
    rated = [item["id"] for item in await row(catalog) if "imdbRating" in item]
    assert rated == [item["id"] for item in films(51, start=50)]


async def test_players_are_shown_them_in_texts_and_programs_are_not(
    catalog: Catalog, addon: FakeAddon
) -> None:
    await wish(catalog, name=True, description=True, template="{rating}/10", separator=" ", place="before")
    item = (await row(catalog))[6]
    assert (item["name"], item["description"]) == ("5.7/10 Film 7", "5.7/10")
    meta = await title(catalog, "tt0000500", "series")
    assert [video["title"] for video in meta["videos"][:3]] == ["6.1/10 One", "6.2/10 Two", "Three"]
    assert meta["videos"][1]["overview"] == "6.2/10 Text"
    row_id = (await catalog.manifest())["catalogs"][0]["id"]
    page = await catalog.get(f"/api/v1/catalogs/{row_id}")
    assert (page["items"][6]["name"], page["items"][6]["imdbRating"]) == ("Film 7", "5.7")
    found = await catalog.get("/api/v1/titles/series/tt0000500")
    assert (found["meta"]["name"], found["meta"]["imdbRating"]) == ("Show", "8.8")


async def test_searches_show_them_too(catalog: Catalog, addon: FakeAddon) -> None:
    wanted = "Film 77"
    player = await row(catalog, "/search=Film%2077")
    program = await catalog.get("/api/v1/search?q=Film%2077")
    assert [(item["name"], item["imdbRating"]) for item in player] == [(wanted, "8.7")]
    items = program["groups"][0]["items"]
    assert [(item["name"], item["imdbRating"]) for item in items] == [(wanted, "8.7")]
    await wish(catalog, rows=False)
    program = await catalog.get("/api/v1/search?q=Film%2077")
    assert "imdbRating" not in program["groups"][0]["items"][0]


async def test_a_choice_is_one_profiles_own_and_holds_at_once(catalog: Catalog, addon: FakeAddon) -> None:
    for identity in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT):
        await row(catalog, identity=identity)
    await wish(catalog, rows=False, template="{rating}")
    assert "imdbRating" not in (await row(catalog))[0]
    for identity in (OTHER_PROFILE, OTHER_ACCOUNT):
        assert (await row(catalog, identity=identity))[0]["imdbRating"] == "5.1"
        assert (await catalog.get(PATH, identity=identity))["template"] == "★ {rating}"
    assert (await catalog.get(PATH))["rows"] is False
    await wish(catalog)
    assert (await row(catalog))[0]["imdbRating"] == "5.1"
    assert (await catalog.get(PATH))["template"] == "★ {rating}"


async def shows(catalog: Catalog, tail: str, rating: str) -> bool:
    return bool((await row(catalog, tail))[0].get("imdbRating") == rating)


async def test_new_ratings_are_shown_without_asking_an_addon_again(
    catalog: Catalog, addon: FakeAddon
) -> None:
    await row(catalog)
    await row(catalog, "/skip=100")
    asked = addon.calls["catalog"]
    await put(catalog, "ratings", [(1, 99, 5), *RATINGS[1:], (500, 88, 9000), (101, 42, 7)])
    await until(lambda: shows(catalog, "", "9.9"))
    await until(lambda: shows(catalog, "/skip=100", "4.2"))
    assert addon.calls["catalog"] == asked


async def test_the_first_ratings_of_a_hub_are_found_soon(tmp_path: Path, clock: ManualClock) -> None:
    async with running_catalog(tmp_path, clock=clock) as catalog, fake() as addon:
        await catalog.add(addon.manifest_url)
        assert "imdbRating" not in (await row(catalog))[0]
        await put(catalog, "ratings", RATINGS)
        clock.advance(10)
        await until(lambda: shows(catalog, "", "5.1"))
        assert addon.calls["catalog"] == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"template": "no place"},
        {"template": "{rating} {rating}"},
        {"template": "{rating} {plot}"},
        {"template": "{rating!r}"},
        {"template": "{rating}\n"},
        {"template": "{rating}" + "x" * 33},
        {"separator": "x" * 11},
        {"separator": "\t"},
        {"place": "within"},
        {"minimum_votes": -1},
        {"minimum_votes": 10_000_001},
        {"minimum_votes": "many"},
        {"rows": "yes"},
    ],
)
async def test_a_choice_that_makes_no_sense_is_refused_and_changes_nothing(
    catalog: Catalog, settings: dict[str, object]
) -> None:
    before = await catalog.get(PATH)
    assert await catalog.problem("PUT", PATH, settings) == (422, "invalid_input")
    assert await catalog.get(PATH) == before

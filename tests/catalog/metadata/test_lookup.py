"""TMDB's own search and titles by REST."""

from __future__ import annotations

from libs.common.contracts.tmdb import ATTRIBUTION
from tests.catalog.hub import Catalog
from tests.catalog.metadata.conftest import save_key
from tests.fakes.tmdb import FakeTmdb

SEARCH = "/api/v1/tmdb/search"


async def test_without_a_key_nothing_is_searched(catalog: Catalog, tmdb: FakeTmdb) -> None:
    assert await catalog.problem("GET", f"{SEARCH}?q=metropolis") == (409, "tmdb_key_missing")
    assert await catalog.problem("GET", "/api/v1/tmdb/titles/movie/tmdb:19") == (409, "tmdb_key_missing")
    assert tmdb.asked == []


async def test_a_search_finds_films_and_series_page_by_page_and_is_asked_once(
    catalog: Catalog, tmdb: FakeTmdb
) -> None:
    for number in range(100, 125):
        tmdb.add("movie", number, title=f"Night {number}", release_date="1950-01-01", poster_path="/n.jpg")
    tmdb.add("tv", 200, name="Night shift", first_air_date="")
    await save_key(catalog)
    tmdb.asked.clear()
    first = await catalog.get(f"{SEARCH}?q=night")
    second = await catalog.get(f"{SEARCH}?q=night&cursor={first['next_cursor']}")
    assert await catalog.get(f"{SEARCH}?q=Night%20") == first
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (20, 6, None)
    assert first["items"][0] == {
        "id": "tmdb:100",
        "type": "movie",
        "name": "Night 100",
        "original_name": "Night 100",
        "year": 1950,
        "description": "",
        "poster": "https://image.tmdb.org/t/p/w342/n.jpg",
    }
    assert (second["items"][-1]["type"], second["items"][-1]["year"]) == ("series", None)
    assert first["attribution"] == ATTRIBUTION
    assert len(tmdb.asked) == 2


async def test_a_search_is_narrowed_by_type_and_year_in_the_profiles_language(
    catalog: Catalog, tmdb: FakeTmdb
) -> None:
    await save_key(catalog)
    await catalog.send("PUT", "/api/v1/settings/tmdb", {"language": "de-DE"})
    found = await catalog.get(f"{SEARCH}?q=stadt&type=movie&year=1927")
    assert [item["name"] for item in found["items"]] == ["Die Stadt"]
    assert tmdb.asked[-1].query["primary_release_year"] == "1927"


async def test_a_title_has_its_ids_and_its_pictures_in_every_size(catalog: Catalog, tmdb: FakeTmdb) -> None:
    tmdb.titles["movie", 19] |= {"poster_path": "/p.jpg", "backdrop_path": "/b.jpg"}
    await save_key(catalog)
    for asked in ("tmdb:19", "tt0017136"):
        found = await catalog.get(f"/api/v1/tmdb/titles/movie/{asked}")
        assert found["ids"] == {"tmdb": "tmdb:19", "imdb": "tt0017136", "tvdb": None, "wikidata": None}
        assert found["posters"]["w185"] == "https://image.tmdb.org/t/p/w185/p.jpg"
        assert set(found["backgrounds"]) == {"w300", "w780", "w1280", "original"}
        assert (found["meta"]["id"], found["meta"]["name"]) == (asked, "Metropolis")
    series = await catalog.get("/api/v1/tmdb/titles/series/tvdb:81189")
    assert series["ids"]["tvdb"] == "81189"


async def test_what_tmdb_has_not_is_not_found(catalog: Catalog) -> None:
    await save_key(catalog)
    for asked in ("tmdb:20", "kitsu:1", "tt9999999", "nonsense"):
        path = f"/api/v1/tmdb/titles/movie/{asked}"
        assert await catalog.problem("GET", path) == (404, "tmdb_title_not_found")


async def test_a_search_that_tmdb_refuses_marks_the_key(catalog: Catalog, tmdb: FakeTmdb) -> None:
    await save_key(catalog)
    tmdb.keys.clear()
    assert await catalog.problem("GET", f"{SEARCH}?q=night") == (422, "tmdb_key_refused")
    assert (await catalog.get("/api/v1/settings/tmdb"))["state"] == "refused"
    assert await catalog.problem("GET", f"{SEARCH}?q=night") == (409, "tmdb_key_missing")

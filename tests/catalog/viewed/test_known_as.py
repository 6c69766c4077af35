"""By which ids of IMDb titles are known whose addons have them under other systems' ids."""

from __future__ import annotations

import pytest

from libs.common.contracts.names import MOST_IDS, NamesClient
from libs.common.db import Database
from libs.common.errors import InvalidInput
from services.catalog.store.title_ids import TitleIdStore
from services.catalog.viewed.known_as import KnownAs
from tests.catalog.hub import Catalog
from tests.catalog.imdb import put


@pytest.fixture
def ids(database: Database) -> TitleIdStore:
    return TitleIdStore(database)


async def test_numbers_of_tmdb_and_of_anime_sites_lead_to_imdb(database: Database, ids: TitleIdStore) -> None:
    await ids.put("movie", 603, 133093)
    await ids.put("tv", 1396, 903747)
    await database.execute(
        "INSERT INTO anime_ids (id, system, imdb, season, episodes_before) VALUES (7, 'kitsu', 500, 1, 0)"
    )
    asked = [
        "tmdb:603",
        "tmdb:1396",
        "kitsu:7",
        "mal:7",
        "tt0000001",
        "hg:abc",
        "tmdb:x",
        "tmdb:9",
        "",
        "tmdb:603",
    ]
    assert await KnownAs(ids).of(asked) == {
        "tmdb:603": "tt0133093",
        "tmdb:1396": "tt0903747",
        "kitsu:7": "tt0000500",
    }


async def test_a_number_of_a_film_and_of_a_series_is_neither(ids: TitleIdStore) -> None:
    await ids.put("movie", 19, 1)
    await ids.put("tv", 19, 2)
    assert await KnownAs(ids).of(["tmdb:19"]) == {}


async def test_what_tmdb_said_last_holds(ids: TitleIdStore) -> None:
    await ids.put("movie", 19, 1)
    await ids.put("movie", 19, 2)
    assert await KnownAs(ids).of(["tmdb:19"]) == {"tmdb:19": "tt0000002"}


async def test_services_ask_for_many_at_once_and_for_no_more(catalog: Catalog) -> None:
    await put(catalog, "anime_ids", [(2, "kitsu", 500, 1, 1)])
    client = NamesClient(catalog.service)
    asked = [f"kitsu:{number}" for number in range(MOST_IDS)]
    assert await client.known_as(asked, deadline=catalog.deadline) == {"kitsu:2": "tt0000500"}
    with pytest.raises(InvalidInput):
        await client.known_as([*asked, "kitsu:9999"], deadline=catalog.deadline)

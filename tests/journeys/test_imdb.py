"""IMDb's data sets from the licence to what players show, in both forms of a hub, whose parts may die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.anime import FakeAnimeList
from tests.fakes.imdb import FakeImdb, packed
from tests.harness.clients import Api, Json, Player
from tests.harness.hub import Hub
from tests.journeys import node
from tests.journeys.importing import accept, ended, owned_hub
from tests.waiting import until


@pytest.fixture
async def imdb() -> AsyncIterator[FakeImdb]:
    async with FakeImdb() as fake:
        yield fake


@pytest.fixture
async def anime() -> AsyncIterator[FakeAnimeList]:
    async with FakeAnimeList() as fake:
        yield fake


@pytest.fixture(params=["embedded", "split"])
async def owned(
    request: pytest.FixtureRequest, imdb: FakeImdb, anime: FakeAnimeList, tmp_path: Path
) -> AsyncIterator[tuple[Hub, Api]]:
    async with owned_hub(request, imdb, tmp_path, anime_url=anime.url) as owned:
        yield owned


async def test_nothing_is_fetched_before_the_licence_is_accepted(
    owned: tuple[Hub, Api], imdb: FakeImdb, anime: FakeAnimeList
) -> None:
    _, api = owned
    refused = await api.send("POST", "/api/v1/sync/jobs", {"kind": "imdb"})
    assert (refused.status, refused.json["code"]) == (409, "licence_not_accepted")
    before = await api.get("/api/v1/sync/imdb")
    assert (before["licence"]["accepted"], before["job"]) == (False, None)
    assert "non-commercial" in before["licence"]["notice"]
    assert not [*imdb.asked, *anime.asked]
    await accept(api)
    job = await ended(api)  # by the schedule, nobody started it
    assert (job["state"], job["progress"], job["error"]) == ("succeeded", 100, None)
    assert (job["counts"]["episodes"]["seen"], job["counts"]["episodes"]["added"]) == (4, 2)
    found = await api.send("POST", "/api/v1/ratings", {"ids": ["tt0000010", "tt0000020:1:1"]})
    assert [item["rating"] for item in found.json["items"]] == [8.7, 9.1]
    assert (await api.get("/api/v1/ratings/tt0000020/1/2"))["rating"] == 6.0
    assert (await api.get("/api/v1/sync/imdb"))["sets"][0]["rows"] == 5

    async def anime_are_known() -> bool:
        return (await api.send("GET", "/api/v1/ratings/kitsu:2:1")).status == 200

    await until(anime_are_known)
    assert (await api.get("/api/v1/ratings/kitsu:2:1"))["imdb_id"] == "tt0000022"
    assert (await api.get("/api/v1/sync/imdb"))["anime_job"]["kind"] == "anime_ids"


@pytest.mark.parametrize(
    ("owned", "victim"),
    [("embedded", "hub"), ("split", "sync"), ("split", "catalog")],
    indirect=["owned"],
)
async def test_an_import_survives_the_death_of_whoever_does_it(
    owned: tuple[Hub, Api], imdb: FakeImdb, victim: str
) -> None:
    hub, api = owned
    imdb.stalls.add("titles")
    await accept(api)
    await imdb.stalled.wait()
    hub.kill(victim)
    imdb.go_on()
    hub.start(victim)
    await asyncio.to_thread(hub.wait_ready)
    job = await ended(api)
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert job["counts"]["titles"]["added"] == 3
    assert imdb.bytes_sent("ratings") == 1  # what was through was not done again
    assert (await api.get("/api/v1/ratings/tt0000010"))["rating"] == 8.7


async def test_stremios_own_core_reads_the_ratings_of_an_addon_of_the_official_kit(
    owned: tuple[Hub, Api], imdb: FakeImdb
) -> None:
    _, api = owned
    rated = [(f"tt{9000000 + number}", f"{5 + number % 5}.{number % 10}", number) for number in range(1, 101)]
    imdb.files["ratings"] = packed("ratings", rated)
    imdb.files["episodes"] = packed("episodes", [("tt9000002", "tt9000001", 1, 1)])
    for addon in await api.addons():
        await api.delete(f"/api/v1/addons/{addon['id']}")
    with node.sdk_addon() as upstream:
        await api.add(upstream)
        player = Player(api.session, await api.stremio_url())
        row = (await player.get("manifest.json"))["catalogs"][0]
        await accept(api)
        assert (await ended(api))["state"] == "succeeded"

        async def shown() -> bool:
            page = await api.get(f"/api/v1/catalogs/{row['id']}")
            return "imdbRating" in page["items"][0]

        await until(shown)
        seen: Any = await asyncio.to_thread(
            node.run, "core.js", player.manifest_url, "movie", row["id"], "tt9000007"
        )
        expected = {id_: rating for id_, rating, _ in rated}
        assert {film["id"]: ratings(film) for film in seen["catalog"]["content"]["content"][:100]} == {
            id_: [rating] for id_, rating in expected.items()
        }
        assert ratings(seen["meta"]["content"]["content"]) == ["7.7"]
        answer = await api.send("PUT", "/api/v1/settings/ratings", {"rows": True, "name": True})
        assert answer.status == 200
        films = (await player.get(f"catalog/movie/{row['id']}.json"))["metas"]
        assert films[6]["name"] == "SDK film 7 · ★ 7.7"


def ratings(film: Json) -> list[str]:
    """As the core keeps them: among the links."""
    return [link["name"] for link in film["links"] if link["category"] == "imdb"]

"""What a profile goes on with and means to see as rows of its own, right each time they are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from libs.addons.addon import VIEWING
from libs.common.clock import SystemClock
from libs.common.contracts.viewing import VIEWING as LISTS
from libs.common.contracts.viewing import ViewingItem, ViewingPage
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.secrets import SecretKey
from services.catalog.model import Owner
from services.catalog.sources.library import address_of
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.fakes.addon import FakeAddon, film
from tests.fakes.settings import SECRET

ADDRESS = "headgate:viewing"
PAGE = 100


def item(title_id: str, type_: str = "movie", **more: Any) -> ViewingItem:
    made: dict[str, Any] = {
        "title_id": title_id,
        "type": type_,
        "name": f"Name of {title_id}",
        "poster": None,
        "video_id": title_id,
        "season": None,
        "episode": None,
        "episode_name": None,
        "position_s": 0.0,
        "duration_s": 0.0,
        "share": 0.0,
        "watched": False,
        "in_watchlist": False,
        "reason": None,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return ViewingItem(**{**made, **more})


@dataclass
class Streaming:
    """What it lists, by profile and list."""

    of: dict[tuple[str, str], list[ViewingItem]] = field(default_factory=dict)
    is_away: bool = False
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        identity = IdentitySigner(SecretKey.from_text(SECRET), SystemClock()).verify(request.headers[HEADER])
        if self.is_away:
            return web.Response(status=503)
        start, limit = int(request.query.get("cursor", "0")), int(request.query["limit"])
        items = self.of.get((identity.profile_id, request.match_info["which"]), [])
        more = str(start + limit) if len(items) > start + limit else None
        page = ViewingPage(tuple(items[start : start + limit]), more)
        return web.Response(body=msgspec.json.encode(page), content_type="application/json")


@pytest.fixture
async def streaming() -> AsyncIterator[Streaming]:
    state, app = Streaming(), web.Application()
    app.router.add_get(f"{LISTS}/{{which}}", state.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    state.url = site.name
    yield state
    await runner.cleanup()


@pytest.fixture
async def catalog(tmp_path: Path, streaming: Streaming) -> AsyncIterator[Catalog]:
    async with running_catalog(tmp_path, HEADGATE_STREAMING_URL=streaming.url) as catalog:
        for identity in (OWNER, OTHER_PROFILE):
            await catalog.add(ADDRESS, identity=identity)
        yield catalog


async def row(catalog: Catalog, name: str, type_: str = "movie", identity: Identity = OWNER) -> list[Any]:
    rows = (await catalog.manifest(identity=identity))["catalogs"]
    found = next(one for one in rows if (one["name"], one["type"]) == (name, type_))
    answer = await catalog.ask(f"catalog/{type_}/{found['id']}.json", identity=identity)
    assert answer.status == 200, answer.body
    assert "max-age=0" in answer.headers["Cache-Control"]
    return list(msgspec.json.decode(answer.body)["metas"])


async def test_each_list_is_a_row_of_films_and_one_of_series(catalog: Catalog, streaming: Streaming) -> None:
    begun = item("tt1", reason="resume", position_s=1800, duration_s=5400, poster="https://x.example/1.jpg")
    upcoming = item("tt2", "series", reason="next", season=1, episode=6, name="")
    streaming.of[OWNER.profile_id, "continue"] = [begun, upcoming]
    streaming.of[OWNER.profile_id, "watchlist"] = [item("tt3"), item("tmdb:4", "series")]
    (film,) = await row(catalog, "Continue watching")
    assert (film["id"], film["poster"]) == ("tt1", "https://x.example/1.jpg")
    assert film["description"] == "60 min left"
    (series,) = await row(catalog, "Continue watching", "series")
    assert (series["id"], series["name"], series["description"]) == ("tt2", "tt2", "S1 E6")
    assert [one["id"] for one in await row(catalog, "Watchlist")] == ["tt3"]
    assert [one["id"] for one in await row(catalog, "Watchlist", "series")] == ["tmdb:4"]


async def test_what_only_seems_begun_stands_there_once_it_has_a_name(
    catalog: Catalog, streaming: Streaming
) -> None:
    nameless = item("hg:32", reason="begun", name="")
    streaming.of[OWNER.profile_id, "continue"] = [nameless, item("tt2", reason="begun", name="Begun")]
    assert [one["name"] for one in await row(catalog, "Continue watching")] == ["Begun"]


async def test_what_was_finished_is_gone_the_next_time_it_is_asked_for(
    catalog: Catalog, streaming: Streaming
) -> None:
    streaming.of[OWNER.profile_id, "continue"] = [item("tt1"), item("tt2")]
    assert len(await row(catalog, "Continue watching")) == 2
    streaming.of[OWNER.profile_id, "continue"] = [item("tt2")]
    assert [one["id"] for one in await row(catalog, "Continue watching")] == ["tt2"]
    streaming.of[OWNER.profile_id, "continue"] = []
    assert await row(catalog, "Continue watching") == []


async def test_a_long_list_is_whole_as_far_as_anybody_scrolls(catalog: Catalog, streaming: Streaming) -> None:
    streaming.of[OWNER.profile_id, "watchlist"] = [item(f"tt{number}") for number in range(250)]
    rows = (await catalog.manifest())["catalogs"]
    path = next(f"catalog/movie/{one['id']}" for one in rows if one["name"] == "Watchlist")
    ids = list[str]()
    for tail in (".json", "/skip=100.json", "/skip=200.json"):
        answer = await catalog.ask(path + tail)
        ids += [one["id"] for one in msgspec.json.decode(answer.body)["metas"]]
    assert ids == [f"tt{number}" for number in range(250)]


async def test_titles_that_an_account_told_of_have_the_posters_of_addons(
    catalog: Catalog, streaming: Streaming
) -> None:
    metas = {"tt1": film(1, id="tt1", name="Metropolis"), "tt2": film(2, id="tt2", name="Other")}
    async with FakeAddon(metas=metas) as addon:
        await catalog.add(addon.manifest_url)
        own = "https://own.example/2.jpg"
        streaming.of[OWNER.profile_id, "watchlist"] = [
            item("tt1", name=""),
            item("tt2", name="Mine", poster=own),
            item("tt3"),
        ]
        found = [(one["name"], one.get("poster")) for one in await row(catalog, "Watchlist")]
        assert found == [("Metropolis", metas["tt1"]["poster"]), ("Mine", own), ("Name of tt3", None)]
        addon.on("meta", delay_s=30)
        assert len(await row(catalog, "Watchlist")) == 3


async def test_nobody_sees_what_another_profile_watches(catalog: Catalog, streaming: Streaming) -> None:
    streaming.of[OWNER.profile_id, "continue"] = [item("tt1")]
    assert len(await row(catalog, "Continue watching")) == 1
    assert await row(catalog, "Continue watching", identity=OTHER_PROFILE) == []
    address = address_of(Owner(OWNER.account_id, OWNER.profile_id), begins=VIEWING)
    answer = await catalog.send("POST", "/api/v1/addons", {"url": address}, identity=OTHER_ACCOUNT)
    assert answer.status == 422
    listed = (await catalog.get("/api/v1/addons"))["items"]
    assert ADDRESS in [one["address"] for one in listed]


async def test_while_nobody_can_say_the_row_fails_and_comes_back(
    catalog: Catalog, streaming: Streaming
) -> None:
    streaming.of[OWNER.profile_id, "watchlist"] = [item("tt1")]
    rows = (await catalog.manifest())["catalogs"]
    path = next(f"catalog/movie/{one['id']}.json" for one in rows if one["name"] == "Watchlist")
    streaming.is_away = True
    assert (await catalog.ask(path)).status == 502
    streaming.is_away = False
    assert len(await row(catalog, "Continue watching")) == 0

"""The database goes away and comes back: what is read goes on, what is changed fails clearly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from libs.common.clock import SystemClock
from libs.common.resilience.last_known import KEPT_S, QUIET_S
from tests.catalog.hub import OWNER, running_catalog
from tests.catalog.metadata.conftest import save_key
from tests.fakes.addon import FakeAddon, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock
from tests.fakes.tmdb import FakeTmdb
from tests.servers import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of our own, since we stop it."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def shared(server: PostgresServer) -> Iterator[dict[str, str]]:
    yield {"HEADGATE_DATABASE_URL": server.new_database()}
    server.stop()
    server.start()


async def test_without_the_database_addons_go_on_and_changes_are_refused(
    tmp_path: Path, server: PostgresServer, shared: dict[str, str], clock: ManualClock
) -> None:
    shown = manifest(catalogs=[row_of("top"), row_of("new")])
    async with (
        FakeAddon(manifest=shown, catalogs={"top": films(3), "new": films(2)}) as addon,
        running_catalog(tmp_path, clock=clock, **shared) as catalog,
    ):
        added = await catalog.add(addon.manifest_url)
        kept, new = await catalog.row("Top"), await catalog.row("New")
        await catalog.items(f"catalog/{kept}.json")
        server.stop()

        with capture_logs() as logs:
            assert len(await catalog.items(f"catalog/{kept}.json")) == 3
            assert len(await catalog.items(f"catalog/{new}.json")) == 2
            sources = await catalog.client.addon_sources(OWNER, deadline=catalog.deadline)
            assert [source.id for source in sources.items] == [added["id"]]
            assert [each["id"] for each in (await catalog.get("/api/v1/addons"))["items"]] == [added["id"]]
        assert [entry["event"] for entry in logs].count("source_away_last_known_used") == 1

        path = f"/api/v1/addons/{added['id']}"
        assert await catalog.problem("PATCH", path, {"name": "Mine"}) == (503, "database_unavailable")
        assert await catalog.problem("DELETE", path) == (503, "database_unavailable")

        server.start()
        clock.advance(QUIET_S + 0.1)
        assert (await catalog.send("PATCH", path, {"name": "Mine"})).status == 200
        assert (await catalog.get("/api/v1/addons"))["items"][0]["name"] == "Mine"


async def test_a_row_by_rating_without_the_ratings_is_not_kept(
    tmp_path: Path, server: PostgresServer, shared: dict[str, str], clock: ManualClock
) -> None:
    """Its pages are cut by ratings: one of this moment does not join on to those before it."""
    shown = manifest(catalogs=[row_of("top"), row_of("new")])
    async with (
        FakeAddon(manifest=shown, catalogs={"top": films(3), "new": films(2, start=9)}) as addon,
        running_catalog(tmp_path, clock=clock, **shared) as catalog,
    ):
        await catalog.add(addon.manifest_url)
        members = [{"type": "movie", "id": row["id"]} for row in (await catalog.manifest())["catalogs"]]
        body = {"name": "Best", "mode": "by_rating", "rows": members}
        assert (await catalog.send("POST", "/api/v1/catalogs", body)).status == 201
        row = await catalog.row("Best")
        whole = await catalog.ask(f"catalog/{row}.json")
        server.stop()
        lacking = await catalog.ask(f"catalog/{row}/skip=100.json")
        again = await catalog.ask(f"catalog/{row}.json")
    assert "max-age=10" not in whole.headers["Cache-Control"]
    assert lacking.status == 200
    assert "max-age=10" in lacking.headers["Cache-Control"]
    assert (again.headers["X-Headgate-Cache"], again.body) == ("hit", whole.body)


async def test_a_list_is_gone_on_with_for_ten_minutes(
    tmp_path: Path, server: PostgresServer, shared: dict[str, str], clock: ManualClock
) -> None:
    async with running_catalog(tmp_path, clock=clock, **shared) as catalog:
        assert (await catalog.ask("manifest.json")).status == 200
        server.stop()
        clock.advance(KEPT_S - 5)
        assert (await catalog.ask("manifest.json")).status == 200
        clock.advance(10)
        assert (await catalog.ask("manifest.json")).status == 503


async def test_a_stop_without_the_database_is_a_stop(
    tmp_path: Path, server: PostgresServer, shared: dict[str, str]
) -> None:
    """The last write of the health figures once made it a crash."""
    with capture_logs() as logs:
        async with (
            FakeAddon(catalogs={"top": films(3)}) as addon,
            running_catalog(tmp_path, clock=SystemClock(), **shared) as catalog,
        ):
            await catalog.add(addon.manifest_url)
            await catalog.items(f"catalog/{await catalog.row('Top')}.json")
            server.stop()
    lost = [entry for entry in logs if entry["event"] == "addon_health_lost"]
    assert [(entry["addons"], entry["log_level"]) for entry in lost] == [(1, "warning")]


async def test_a_title_is_completed_all_the_same(
    tmp_path: Path, server: PostgresServer, shared: dict[str, str]
) -> None:
    """What TMDB tells is kept in memory then, and what a key is refused for can't be noted."""
    little = {"id": "tt0017136", "type": "movie", "name": "Metropolis"}
    shown = manifest(resources=["meta"])
    async with (
        FakeTmdb() as tmdb,
        FakeAddon(
            manifest=shown, metas={"tt0017136": little, "tt0000002": {**little, "id": "tt0000002"}}
        ) as addon,
        running_catalog(tmp_path, clock=None, HEADGATE_TMDB_URL=tmdb.url, **shared) as catalog,
    ):
        tmdb.add("movie", 19, imdb_id="tt0017136", title="Metropolis", runtime=153)
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        await catalog.manifest()
        server.stop()
        whole = await catalog.get("/api/v1/titles/movie/tt0017136")
        tmdb.keys.clear()
        lacking = await catalog.get("/api/v1/titles/movie/tt0000002")
    assert whole["meta"]["runtime"] == "153 min"
    assert [problem["reason"] for problem in lacking["problems"] if problem["addon_id"] == "tmdb"] == [
        "tmdb_key_refused"
    ]

"""Matches over REST, of rows handed over as sync does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE
from libs.common.contracts.handover import HandoverClient
from libs.common.db import Database, open_database
from libs.common.errors import Conflict, NotFound
from services.catalog.matching.named import TitleNames
from services.catalog.store.imdb_names import ImdbNameStore
from tests.catalog.hub import OTHER_PROFILE, Catalog
from tests.catalog.imdb import put
from tests.catalog.library.handed import RUN, Handed, item_row
from tests.fakes.panel.panel import FakePanel

MATCHES = "/api/v1/library/matches"


@pytest.fixture
async def handed(catalog: Catalog, tmp_path: Path) -> AsyncIterator[Handed]:
    """Three films of an account, and two of IMDb."""
    await put(catalog, "titles", [_title(1, "Heat", 1995), _title(2, "Heat", 1986)])
    await put(catalog, "ratings", [(1, 83, 7000), (2, 60, 5000)])
    async with _tables(tmp_path) as database:
        await TitleNames(ImdbNameStore(database), SystemClock()).bring_up()
    async with FakePanel() as panel:
        body = {"url": panel.url, "username": "u1", "password": "p1", "sync": False}
        handed = await Handed.begun(catalog, "/api/v1/xtream-accounts", body)
        await handed.rows(
            "movies", item_row(1, "Heat", year=1995), item_row(2, "Heat"), item_row(3, "Home video")
        )
        yield handed


def _title(number: int, name: str, year: int) -> tuple[object, ...]:
    return number, "movie", name, "", year, None, None, "", False


@asynccontextmanager
async def _tables(folder: Path) -> AsyncIterator[Database]:
    database = await open_database(
        f"sqlite:///{folder / 'catalog.db'}", schema="catalog", clock=SystemClock()
    )
    try:
        yield database
    finally:
        await database.aclose()


async def matched(catalog: Catalog, handed: Handed, run: str = RUN) -> int:
    """How many rows that were."""
    done = 0
    while True:
        step = await HandoverClient(catalog.service).match(handed.provider, run, deadline=catalog.deadline)
        done += step.done
        if not step.left:
            return done


async def listed(catalog: Catalog, state: str, **asked: Any) -> list[Any]:
    answer: Any = await catalog.get(f"{MATCHES}?state={state}", **asked)
    return list(answer["items"])


async def test_rows_of_a_run_are_matched_and_listed(catalog: Catalog, handed: Handed) -> None:
    assert await matched(catalog, handed) == 3

    (heat,) = await listed(catalog, "matched")
    (doubtful,) = await listed(catalog, "doubtful")
    assert heat["item"]["imdb_id"] == "tt0000001"
    assert [each["imdb_id"] for each in doubtful["candidates"]] == ["tt0000001", "tt0000002"]
    assert [each["item"]["title"] for each in await listed(catalog, "unmatched")] == ["Home video"]
    assert await listed(catalog, "matched", identity=OTHER_PROFILE) == []


async def test_a_decision_is_put_and_taken_back(catalog: Catalog, handed: Handed) -> None:
    await matched(catalog, handed)
    (doubtful,) = await listed(catalog, "doubtful")
    path = f"{MATCHES}/{doubtful['item']['id']}"

    chosen = await catalog.send("PUT", path, {"imdb_id": "tt0000002"})
    refused = await catalog.send("PUT", path, {"imdb_id": None}, identity=OTHER_PROFILE)
    unread = await catalog.send("PUT", path, {"imdb_id": "Heat"})
    taken_back = await catalog.send("DELETE", path)

    assert (chosen.status, refused.status, unread.status, taken_back.status) == (200, 404, 422, 200)
    assert msgspec.json.decode(chosen.body)["item"]["imdb_id"] == "tt0000002"
    assert msgspec.json.decode(taken_back.body)["state"] == "doubtful"


async def test_an_id_that_imdb_cannot_have_is_refused(catalog: Catalog, handed: Handed) -> None:
    await matched(catalog, handed)
    (heat,) = await listed(catalog, "matched")

    for imdb_id in ("tt9999999999", "tt0", "tt"):
        refused = await catalog.send("PUT", f"{MATCHES}/{heat['item']['id']}", {"imdb_id": imdb_id})
        assert refused.status == 422


async def test_decisions_are_forgotten_with_their_profile(
    catalog: Catalog, handed: Handed, tmp_path: Path
) -> None:
    await matched(catalog, handed)
    (heat,) = await listed(catalog, "matched")
    await catalog.send("PUT", f"{MATCHES}/{heat['item']['id']}", {"imdb_id": None})

    removal = {"id": "1", "account_id": "account-1", "profile_id": "profile-1", "at": "2026-07-01T00:00:00Z"}
    forgotten = await catalog.send("POST", "/internal/catalog/forget", removal, identity=SERVICE)

    assert forgotten.status == 204
    async with _tables(tmp_path) as database:
        assert await database.fetch_all("SELECT * FROM match_choices") == []


async def test_a_run_that_is_over_matches_nothing(catalog: Catalog, handed: Handed) -> None:
    with pytest.raises(Conflict):
        await matched(catalog, handed, run="an earlier one")
    handed.provider = "nobody's"
    with pytest.raises(NotFound):
        await matched(catalog, handed)

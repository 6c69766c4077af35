"""An account's key of TMDB, what its profiles chose, and what their owner is told."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from libs.common.contracts.tmdb import ATTRIBUTION
from libs.common.identity import Identity
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.catalog.metadata.conftest import save_key
from tests.fakes.clock import ManualClock
from tests.fakes.tmdb import API_KEY, READ_TOKEN, FakeTmdb

HERE = "/api/v1/settings/tmdb"
CHOSEN = {"language": "de-DE", "poster_size": "w780", "background_size": "original"}


async def shown(catalog: Catalog, *, identity: Identity = OWNER) -> Any:
    return await catalog.get(HERE, identity=identity)


async def check(catalog: Catalog) -> Any:
    answer = await catalog.send("POST", f"{HERE}/check")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body)


async def test_without_a_key_tmdb_is_not_asked(catalog: Catalog, tmdb: FakeTmdb) -> None:
    view = await shown(catalog)
    assert (view["state"], view["key"], view["attribution"]) == ("off", None, ATTRIBUTION)
    assert view["choice"] == {"language": "", "poster_size": "w500", "background_size": "w1280"}
    assert await catalog.problem("POST", f"{HERE}/check") == (409, "tmdb_key_missing")
    assert tmdb.asked == []


@pytest.mark.parametrize(("key", "kind"), [(API_KEY, "api_key"), (READ_TOKEN, "read_token")])
async def test_a_key_is_asked_about_saved_and_shown_by_its_ending(
    catalog: Catalog, tmdb: FakeTmdb, key: str, kind: str
) -> None:
    saved = await save_key(catalog, f" {key} ")
    assert (saved["state"], saved["key"]["kind"]) == ("works", kind)
    assert saved["key"]["ending"] == key[-4:]
    assert tmdb.paths == ["/authentication"]
    assert key not in str(saved)
    assert await shown(catalog) == saved


async def test_a_key_is_its_accounts_and_a_choice_its_profiles(catalog: Catalog) -> None:
    await save_key(catalog)
    answer = await catalog.send("PUT", HERE, CHOSEN)
    assert msgspec.json.decode(answer.body)["choice"] == CHOSEN
    sibling, stranger = (
        await shown(catalog, identity=OTHER_PROFILE),
        await shown(catalog, identity=OTHER_ACCOUNT),
    )
    assert (sibling["state"], sibling["choice"]["language"]) == ("works", "")
    assert (stranger["state"], stranger["key"]) == ("off", None)


@pytest.mark.parametrize("key", ["", "password1", "g" * 32, API_KEY[:-1]])
async def test_what_is_no_key_is_refused_unasked_and_not_repeated(
    catalog: Catalog, tmdb: FakeTmdb, key: str
) -> None:
    answer = await catalog.send("PUT", f"{HERE}/key", {"key": key})
    assert answer.status == 422
    assert not key or key.encode() not in answer.body
    assert tmdb.asked == []


async def test_a_key_that_tmdb_refuses_leaves_the_one_before(catalog: Catalog) -> None:
    saved = await save_key(catalog)
    answer = await catalog.send("PUT", f"{HERE}/key", {"key": "f" * 32})
    problem = msgspec.json.decode(answer.body)
    assert (answer.status, problem["code"]) == (422, "tmdb_key_refused")
    assert problem["errors"]["key"] == "TMDB refuses this key."
    assert (await shown(catalog))["key"] == saved["key"]


@pytest.mark.parametrize(("status", "code"), [(429, "tmdb_resting"), (500, "tmdb_failed")])
async def test_a_key_that_can_not_be_asked_about_is_not_saved(
    catalog: Catalog, tmdb: FakeTmdb, status: int, code: str
) -> None:
    tmdb.status = status
    answer = await catalog.send("PUT", f"{HERE}/key", {"key": API_KEY})
    assert msgspec.json.decode(answer.body)["code"] == code
    assert (await shown(catalog))["key"] is None


async def test_a_removed_key_is_gone(catalog: Catalog, tmdb: FakeTmdb) -> None:
    await save_key(catalog)
    assert (await catalog.send("DELETE", f"{HERE}/key")).status == 204
    assert (await shown(catalog))["state"] == "off"
    assert (await catalog.send("DELETE", f"{HERE}/key")).status == 204


async def test_a_check_tells_what_tmdb_does(catalog: Catalog, tmdb: FakeTmdb, clock: ManualClock) -> None:
    await save_key(catalog)
    assert (await check(catalog))["state"] == "works"
    tmdb.keys.clear()
    refused = await check(catalog)
    assert (refused["state"], refused["key"]["refused_at"] is not None) == ("refused", True)
    tmdb.keys.add(API_KEY)
    again = await check(catalog)
    assert (again["state"], again["key"]["refused_at"]) == ("works", None)
    tmdb.status, tmdb.retry_after = 429, "5"
    assert (await check(catalog))["state"] == "rate_held"
    clock.advance(6)
    tmdb.status = 500
    away = await check(catalog)
    assert (away["state"], away["key"]["refused_at"]) == ("away", None)
    assert "shown meanwhile" in away["detail"]


@pytest.mark.parametrize("choice", [{"language": "German"}, {"poster_size": "w1"}, {"language": "de_DE"}])
async def test_a_choice_that_is_none_is_refused(catalog: Catalog, choice: dict[str, str]) -> None:
    assert await catalog.problem("PUT", HERE, choice) == (422, "invalid_input")


@pytest.mark.parametrize("key", [API_KEY, READ_TOKEN])
async def test_no_key_is_logged_nor_stored_as_it_is(
    tmp_path: Path, tmdb: FakeTmdb, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        async with running_catalog(tmp_path, HEADGATE_TMDB_URL=tmdb.url) as catalog:
            await save_key(catalog, key)
            for status in (200, 401, 429, 500):
                tmdb.status = status
                await catalog.ask("meta/movie/tt0017136.json")
                await check(catalog)
            state = await catalog.send("GET", "/internal/state", identity=OWNER.as_service())
            metrics = await catalog.send("GET", "/metrics")
    assert key not in f"{logs}{caplog.text}{state.body!r}{metrics.body!r}"
    assert not holding(tmp_path, key)


async def test_a_key_sealed_with_another_secret_is_not_used(tmp_path: Path, tmdb: FakeTmdb) -> None:
    """The hub itself refuses to start with another secret; a row may be damaged all the same."""
    async with running_catalog(tmp_path, HEADGATE_TMDB_URL=tmdb.url) as catalog:
        await save_key(catalog)
    damage(tmp_path / "catalog.db")
    async with running_catalog(tmp_path, HEADGATE_TMDB_URL=tmdb.url) as catalog:
        locked = await shown(catalog)
        assert (locked["state"], locked["key"]["kind"]) == ("locked", None)
        assert (await check(catalog))["state"] == "locked"
        assert (await save_key(catalog))["state"] == "works"


def holding(folder: Path, key: str) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if key.encode() in path.read_bytes()]


def damage(database: Path) -> None:
    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE tmdb_keys SET sealed_key = substr(sealed_key, 1, 20)")
    connection.close()

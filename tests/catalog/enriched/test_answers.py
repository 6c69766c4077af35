"""Whole answers, kept for everybody who would be given the same; what stands in when one can't be made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from libs.common.contracts.client import RawAnswer
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.catalog.imdb import put
from tests.fakes.addon import FakeAddon, film, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock
from tests.servers import PostgresServer, postgres_server
from tests.waiting import until

RATINGS = [(number, 50 + number, 100) for number in range(1, 31)]


@pytest.fixture
async def addon() -> AsyncIterator[FakeAddon]:
    rows = [row_of("top", extra=["skip", "search"])]
    metas = {"tt0000001": film(1)}
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={"top": films(3)}, metas=metas) as addon:
        yield addon


def state(answer: RawAnswer) -> str:
    return answer.headers["X-Headgate-Cache"]


def ratings(answer: RawAnswer) -> list[Any]:
    assert answer.status == 200, answer.body
    return [item.get("imdbRating") for item in msgspec.json.decode(answer.body)["metas"]]


async def row(catalog: Catalog, tail: str = "", identity: Any = OWNER) -> RawAnswer:
    shown = (await catalog.manifest(identity=identity))["catalogs"][0]
    return await catalog.ask(f"catalog/{shown['type']}/{shown['id']}{tail}.json", identity=identity)


async def test_an_answer_serves_everybody_with_the_same_addon_and_choices(
    catalog: Catalog, addon: FakeAddon
) -> None:
    await put(catalog, "ratings", RATINGS)
    for identity in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT):
        await catalog.add(addon.manifest_url, identity=identity)
    answers = [await row(catalog, identity=each) for each in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT)]
    titles = [
        await catalog.ask("meta/movie/tt0000001.json", identity=each) for each in (OWNER, OTHER_ACCOUNT)
    ]
    assert [state(answer) for answer in answers] == ["miss", "hit", "hit"]
    assert [ratings(answer) for answer in answers] == [["5.1", "5.2", "5.3"]] * 3
    assert [state(title) for title in titles] == ["miss", "hit"]
    assert addon.calls["catalog"] == addon.calls["meta"] == 1


async def test_what_a_profile_switched_off_is_not_answered_from_anothers_answer(
    catalog: Catalog, addon: FakeAddon
) -> None:
    for identity in (OWNER, OTHER_PROFILE):
        await catalog.add(addon.manifest_url, identity=identity)
    assert (await row(catalog, "/search=Film")).status == 200
    shown = (await catalog.manifest(identity=OTHER_PROFILE))["catalogs"][0]
    path = f"/api/v1/catalogs/{shown['id']}?type=movie"
    assert (await catalog.send("PATCH", path, {"searchable": False}, identity=OTHER_PROFILE)).status == 200
    assert (await row(catalog, "/search=Film", OTHER_PROFILE)).status == 404


@pytest.mark.parametrize("tail", ["/search=Film", "/skip=100", "/skip=2&search=Film"])
async def test_every_extra_is_another_answer(catalog: Catalog, addon: FakeAddon, tail: str) -> None:
    await catalog.add(addon.manifest_url)
    assert [state(await row(catalog, each)) for each in ("", "/skip=0", tail, tail)] == [
        "miss",
        "hit",
        "hit" if tail == "/skip=100" else "miss",
        "hit",
    ]


async def test_old_ratings_are_shown_while_new_ones_are_put_in(catalog: Catalog, addon: FakeAddon) -> None:
    await put(catalog, "ratings", RATINGS)
    await catalog.add(addon.manifest_url)
    await row(catalog)
    await put(catalog, "ratings", [(1, 99, 5), *RATINGS[1:]])
    old = await row(catalog)
    assert (state(old), ratings(old)[0]) == ("stale", "5.1")
    assert int(old.headers["Cache-Control"].partition("max-age=")[2].partition(",")[0]) <= int(
        old.headers["Age"]
    )

    async def new() -> bool:
        answer = await row(catalog)
        return (state(answer), ratings(answer)[0]) == ("hit", "9.9")

    await until(new)
    assert addon.calls["catalog"] == 1


async def test_an_answer_often_asked_for_is_renewed_before_its_time_is_over(
    timed: Catalog, clock: ManualClock, addon: FakeAddon
) -> None:
    await timed.add(addon.manifest_url)
    lives = (await row(timed)).headers["Cache-Control"]
    fresh_s = int(lives.partition("max-age=")[2].partition(",")[0])
    for _ in range(3):
        await row(timed)
    clock.advance(fresh_s * 0.95)
    addon.catalogs["top"] = films(2)
    assert state(await row(timed)) == "hit"

    async def renewed() -> bool:
        return len(ratings(await row(timed))) == 2

    await until(renewed)
    clock.advance(fresh_s * 0.1)
    assert state(await row(timed)) == "hit"
    assert addon.calls["catalog"] == 2


async def test_one_asked_for_now_and_then_is_not(
    timed: Catalog, clock: ManualClock, addon: FakeAddon
) -> None:
    await timed.add(addon.manifest_url)
    lives = (await row(timed)).headers["Cache-Control"]
    clock.advance(int(lives.partition("max-age=")[2].partition(",")[0]) * 0.95)
    await row(timed)
    await row(timed)
    assert addon.calls["catalog"] == 1


async def test_what_is_missing_is_told_to_each_in_words_of_their_own(catalog: Catalog) -> None:
    """Their flights are one, and the ids of their addons are not."""
    members = manifest(catalogs=[])
    async with AsyncExitStack() as stack:
        bad = await stack.enter_async_context(FakeAddon(manifest=members, metas={}))
        good = await stack.enter_async_context(FakeAddon(manifest=members, metas={"tt0000001": film(1)}))
        ids = {}
        for identity in (OWNER, OTHER_ACCOUNT):
            ids[identity] = (await catalog.add(bad.manifest_url, identity=identity))["id"]
            await catalog.add(good.manifest_url, identity=identity)
        bad.on("meta", body=b"<html>")
        answers = await asyncio.gather(
            *(catalog.ask("meta/movie/tt0000001.json", identity=identity) for identity in ids)
        )
    assert [answer.headers["X-Headgate-Partial"] for answer in answers] == list(ids.values())


async def test_a_title_that_is_no_more_is_not_shown_as_it_was(
    timed: Catalog, clock: ManualClock, addon: FakeAddon
) -> None:
    tail = "meta/movie/tt0000001.json"
    addon.on("meta", fields={"cacheMaxAge": 60, "staleRevalidate": 0})
    await timed.add(addon.manifest_url)
    assert (await timed.ask(tail)).status == 200
    del addon.metas["tt0000001"]
    clock.advance(100)
    gone = await timed.ask(tail)
    assert (gone.status, msgspec.json.decode(gone.body)["code"]) == (404, "title_not_found")


@pytest.mark.parametrize("passed_s", [100, 100_000])
async def test_a_title_whose_addon_fails_is_shown_as_it_was(
    timed: Catalog, clock: ManualClock, addon: FakeAddon, passed_s: float
) -> None:
    tail = "meta/movie/tt0000001.json"
    addon.on("meta", fields={"cacheMaxAge": 60})
    await timed.add(addon.manifest_url)
    whole = await timed.ask(tail)
    addon.on("meta", status=503)
    clock.advance(passed_s)
    old = await timed.ask(tail)
    assert (state(old), old.status) == ("stale", 200)
    names = [msgspec.json.decode(each.body)["meta"] for each in (whole, old)]
    assert names[0] == names[1]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of our own, since we stop it."""
    with postgres_server() as server:
        yield server


async def test_without_the_database_a_whole_old_answer_comes_before_one_in_part(
    tmp_path: Path, server: PostgresServer, clock: ManualClock, addon: FakeAddon
) -> None:
    addon.on("catalog", fields={"cacheMaxAge": 60})
    shared = {"HEADGATE_DATABASE_URL": server.new_database()}
    async with running_catalog(tmp_path, clock=clock, **shared) as catalog:
        await put(catalog, "ratings", RATINGS)
        await catalog.add(addon.manifest_url)
        assert ratings(await row(catalog)) == ["5.1", "5.2", "5.3"]
        server.stop()
        with capture_logs():  # drawing tracebacks would take longer than anybody waits
            fresh = await row(catalog)
            never_seen = await row(catalog, "/search=Film")
            clock.advance(100)
            old = await row(catalog)
    server.start()
    assert (state(fresh), ratings(fresh)) == ("hit", ["5.1", "5.2", "5.3"])
    assert (state(old), ratings(old)) == ("stale", ["5.1", "5.2", "5.3"])
    assert (state(never_seen), ratings(never_seen)) == ("partial", [None] * 3)
    assert never_seen.headers["X-Headgate-Partial"] == "ratings"


async def test_replicas_share_them(
    tmp_path: Path, postgres_url: str, redis_url: str, addon: FakeAddon
) -> None:
    shared = {"HEADGATE_DATABASE_URL": postgres_url, "HEADGATE_REDIS_URL": redis_url}
    async with (
        running_catalog(tmp_path, clock=None, **shared) as one,
        running_catalog(tmp_path, clock=None, **shared) as two,
    ):
        await put(one, "ratings", RATINGS)
        await one.add(addon.manifest_url)
        assert state(await row(one)) == "miss"
        await put(one, "ratings", [(1, 99, 5), *RATINGS[1:]])

        async def renewed() -> bool:
            return bool(ratings(await row(two))[0] == "9.9")

        await until(renewed)
        assert state(await row(two)) == "hit"
    assert addon.calls["catalog"] == 1

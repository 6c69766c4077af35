"""What nginx keeps of answers, and for whom."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from tests.deploy.front import (
    FACE,
    PUBLIC,
    RunningFront,
    told,
)
from tests.waiting import until


@pytest.mark.parametrize("aged", [False, True])
async def test_a_public_answer_is_kept_then_shown_while_it_is_renewed(
    front: RunningFront, aged: bool
) -> None:
    """nginx takes no Age off the lives of an answer that is old already, and is told by itself."""
    old = {"Age": "1000", "X-Accel-Expires": "1"}
    front.behave(told(PUBLIC.replace("s-maxage=1", "s-maxage=1001"), **old) if aged else told(PUBLIC))
    first, second = await front.ask(FACE), await front.ask(FACE)
    assert "x-accel-expires" not in first.headers
    assert (first.headers["x-edge-cache"], second.headers["x-edge-cache"]) == ("MISS", "HIT")
    assert first.body == second.body
    assert "ratelimit" in first.headers
    assert "ratelimit" not in second.headers

    async def is_stale() -> bool:
        return (await front.ask(FACE)).headers["x-edge-cache"] in ("STALE", "UPDATING")

    await until(is_stale)

    async def is_renewed() -> bool:
        answer = await front.ask(FACE)
        return answer.headers["x-edge-cache"] == "HIT" and answer.body != first.body

    await until(is_renewed)


async def test_a_player_that_is_refused_sees_the_limit_it_met(front: RunningFront) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        headers = {"RateLimit": '"install";r=0;t=1', "RateLimit-Policy": '"install";q=80;w=8'}
        return web.Response(status=429, headers={**headers, "Cache-Control": "no-store", "Retry-After": "1"})

    front.behave(refuse)
    for _ in range(2):
        refused = await front.ask(FACE)
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert refused.headers["ratelimit"] == '"install";r=0;t=1'
        assert refused.headers["ratelimit-policy"] == '"install";q=80;w=8'


async def test_a_public_answer_outlasts_the_gateways(front: RunningFront) -> None:
    front.behave(told("public, s-maxage=1, stale-if-error=60"))
    first = await front.ask(FACE)
    for gateway in front.gateways:
        await gateway.stop()

    async def is_over_its_time() -> bool:
        answer = await front.ask(FACE)
        assert (answer.status, answer.body) == (200, first.body)
        return answer.headers["x-edge-cache"] == "STALE"

    await until(is_over_its_time)


@pytest.mark.parametrize("lives", ["private, max-age=60", "no-store", "no-cache", "max-age=0"])
async def test_what_is_not_public_is_not_kept(front: RunningFront, lives: str) -> None:
    front.behave(told(lives))
    assert (await front.ask(FACE)).body != (await front.ask(FACE)).body


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "CDN-Loop"])
async def test_who_says_who_he_is_gets_an_answer_of_his_own(front: RunningFront, header: str) -> None:
    front.behave(told(PUBLIC))
    kept = await front.ask(FACE)
    own = await front.ask(FACE, more={header: "mine"})
    assert own.body != kept.body
    assert (await front.ask(FACE)).body == kept.body


async def test_only_players_and_static_answers_are_kept(front: RunningFront) -> None:
    front.behave(told(PUBLIC))
    assert (await front.ask("/api/v1/titles")).body != (await front.ask("/api/v1/titles")).body


async def test_answers_are_kept_by_coding(front: RunningFront) -> None:
    async def names_coding(request: web.Request) -> web.Response:
        return web.Response(
            text=request.headers.get("Accept-Encoding", "none"), headers={"Cache-Control": PUBLIC}
        )

    front.behave(names_coding)
    asked = ("br, gzip", "gzip, deflate", "gzip;q=0", "zstd;q=0, gzip;q=0.5", "deflate, gzip, br, zstd", "")
    got = [(await front.ask(FACE, Accept_Encoding=coding)).body.decode() for coding in asked]
    assert got == ["br", "gzip", "none", "gzip", "zstd", "none"]


async def test_events_are_passed_on_as_they_come(front: RunningFront) -> None:
    go_on = asyncio.Event()

    async def streams(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await go_on.wait()
        return response

    front.behave(streams)
    async with asyncio.timeout(10), front.session.get(f"{front.url}/api/v1/sync/jobs/1/events") as answer:
        assert await answer.content.readany() == b"data: 1\n\n"
        go_on.set()

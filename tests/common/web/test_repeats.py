"""Failures that repeat, in the log."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from pytest_aiohttp import AiohttpClient
from structlog.testing import capture_logs

from libs.common.errors import Forbidden, Unavailable, UpstreamFailed
from libs.common.identity import Identity
from libs.common.web.repeats import EVERY_S, MOST_KEYS, Repeats
from tests.common.web.service import endpoint, service
from tests.fakes.clock import ManualClock


def test_the_first_is_told_and_then_one_a_minute_with_their_number(clock: ManualClock) -> None:
    repeats = Repeats(clock)
    assert [repeats.due("a") for _ in range(4)] == [0, None, None, None]
    assert repeats.due("b") == 0
    clock.advance(EVERY_S)
    assert [repeats.due("a"), repeats.due("a")] == [3, None]


def test_what_is_remembered_is_bounded(clock: ManualClock) -> None:
    repeats = Repeats(clock)
    for number in range(MOST_KEYS + 1):
        repeats.due(number)
    assert repeats.due(0) == 0
    assert repeats.due(MOST_KEYS) is None


async def test_an_outage_is_two_lines_a_minute(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    """A restart under load wrote thousands."""
    wrong: list[type[Unavailable | UpstreamFailed]] = [Unavailable]

    async def out(_request: web.Request) -> web.Response:
        raise wrong[0]("Away.")

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(out)]))

    async def lines_of(times: int) -> list[tuple[str, object]]:
        with capture_logs() as lines:
            for _ in range(times):
                await client.get("/thing")
        return [(line["event"], line.get("left_out")) for line in lines]

    assert await lines_of(50) == [("request_error", None), ("request", None)]
    clock.advance(EVERY_S)
    assert await lines_of(50) == [("request_error", 49), ("request", 49)]
    wrong[0] = UpstreamFailed
    assert await lines_of(2) == [("request_error", None), ("request", None)]


async def test_a_flood_is_a_line_a_minute_however_its_client_goes_on(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    class ShutOut(Forbidden):
        is_flood = True

    async def refuse(_request: web.Request) -> Identity:
        raise ShutOut

    client = await aiohttp_client(service(tmp_path, clock, [endpoint()], authenticate=refuse))

    async def told(path: str) -> list[object]:
        with capture_logs() as lines:
            assert [(await client.get(path)).status for _ in range(50)] == [403] * 50
        return [line.get("left_out", 0) for line in lines]

    assert [await told("/thing"), await told("/nowhere")] == [[0], [0]]
    clock.advance(EVERY_S)
    assert await told("/thing") == [49]


async def test_each_bug_is_told_under_the_id_its_answer_shows(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("broken")

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(broken)]))
    with capture_logs() as lines:
        for _ in range(3):
            await client.get("/thing")
    assert [line["event"] for line in lines].count("request_failed") == 3


async def test_each_refusal_is_told(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    with capture_logs() as lines:
        for _ in range(3):
            await client.get("/nowhere")
    assert [line["status"] for line in lines] == [404, 404, 404]

"""No account takes all looking, all subtitles or all conversions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from libs.common.tasks import Tasks
from services.streaming.hls.errors import ConversionsFull, TooMuchAsked
from services.streaming.hls.runs import Track
from services.streaming.hls.stage import Stage
from services.streaming.hls.texts import Text
from services.streaming.hls.tickets import Link, Player
from services.streaming.hls.turns import LONGEST_LINE, Turns
from services.streaming.keys import HLS
from tests.streaming.hls.conftest import Playing, playing_with
from tests.streaming.hls.processes import programs_of_this_process
from tests.waiting import until


def there_are(count: int) -> Callable[[], Awaitable[bool]]:
    async def are() -> bool:
        return len(programs_of_this_process()) == count

    return are


async def test_an_account_waits_for_itself_and_not_for_another() -> None:
    turns = Turns(2, of_account=1)
    async with turns.taken("a1"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), turns.taken("a1"):
                pass
        async with asyncio.timeout(1), turns.taken("a2"):
            pass
    async with asyncio.timeout(1), turns.taken("a1"):
        pass


async def test_a_line_that_is_too_long_is_told() -> None:
    turns, tasks, leave = Turns(2, of_account=1), Tasks(), asyncio.Event()

    async def take() -> None:
        async with turns.taken("a1"):
            await leave.wait()

    waiting = [tasks.spawn("takes", take()) for _ in range(LONGEST_LINE)]
    await asyncio.sleep(0)
    with pytest.raises(TooMuchAsked):
        await take()
    leave.set()
    await asyncio.gather(*waiting)
    await take()


async def test_slow_sources_of_one_account_leave_others_their_turn(playing: Playing) -> None:
    probe, tasks = playing.service.running.app[HLS].probe, Tasks()
    slow = [Link(f"{playing.films_url}/silent.mkv?{number}") for number in range(4)]
    asking = [tasks.spawn("looks", probe.look(each, "a1")) for each in slow]
    await until(there_are(2))
    async with asyncio.timeout(10):
        assert (await probe.look(Link(f"{playing.films_url}/plain.mp4"), "a2")).film.container == "mp4"
    for each in asking:
        each.cancel()


async def test_subtitles_that_nobody_waits_for_are_looked_for_no_longer(playing: Playing) -> None:
    texts, tasks = playing.service.running.app[HLS].texts, Tasks()
    text = Text(key="k", origin=Link(f"{playing.films_url}/silent.mkv"), stream=0, account_id="a1")
    asking = [tasks.spawn("asks", texts.whole(text)) for _ in range(2)]
    await until(there_are(1))
    asking[0].cancel()
    await asyncio.sleep(0)
    assert programs_of_this_process()
    asking[1].cancel()
    await until(there_are(0))


async def test_who_converts_most_gives_way_to_another_account(tmp_path: Path, films: Path) -> None:
    async with playing_with(tmp_path, films, HEADGATE_HLS_AT_ONCE="2") as playing:
        hls = playing.service.running.app[HLS]

        async def track(number: int) -> Track:
            plan = await playing.plan(f"long.mkv?{number}")
            ticket = hls.tickets.read(plan.url.split("/")[3]).ticket
            assert ticket.film is not None
            return Stage(ticket, ticket.film).picture(0)

        first, second, other = [await track(number) for number in range(3)]
        await hls.studio.segment(first, 0, Player("a1", "first"))
        await hls.studio.segment(second, 0, Player("a1", "second"))
        assert await hls.studio.segment(other, 0, Player("a2", "other"))
        with pytest.raises(ConversionsFull):
            await hls.studio.segment(first, 20, Player("a1", "first"))

"""Runs of ffmpeg: shared by who asks, ended when nobody reads, gone with the hub; segments on disk."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from libs.common.web.app import METRICS
from services.streaming.hls.shelf import Shelf
from tests.fakes.clock import ManualClock
from tests.streaming.hls.conftest import Playing, playing_with
from tests.streaming.hls.processes import programs_of_this_process
from tests.streaming.hls.test_making import below
from tests.waiting import until


async def no_program() -> bool:
    return not programs_of_this_process()


async def test_many_who_ask_for_one_segment_are_answered_by_one_run(playing: Playing) -> None:
    plan = await playing.plan("hevc.mkv")
    answers = await asyncio.gather(*(playing.body(below(plan, "v0-1.m4s")) for _ in range(5)))
    assert len(set(answers)) == 1
    begun = playing.service.running.app[METRICS].values("hls_runs_begun_total")
    assert [value for labels, value in begun if labels.get("kind") == "v"] == [1]


async def test_who_goes_elsewhere_leaves_no_run_behind_and_the_hub_none_when_it_ends(
    tmp_path: Path, films: Path
) -> None:
    async with playing_with(tmp_path, films) as playing:
        plan = await playing.plan("long.mkv")
        await playing.body(below(plan, "v0-0.m4s"))
        first = programs_of_this_process()
        assert len(first) == 1
        await playing.body(below(plan, "v0-20.m4s"))

        async def replaced() -> bool:
            running = programs_of_this_process()
            return len(running) == 1 and running != first

        await until(replaced)
    assert await no_program()
    assert list((tmp_path / "hls").iterdir()) == []


async def test_more_films_than_may_be_converted_are_refused_in_words(tmp_path: Path, films: Path) -> None:
    async with playing_with(tmp_path, films, HEADGATE_HLS_AT_ONCE="1") as playing:
        first, second = await playing.plan("long.mkv"), await playing.plan("hevc.mkv")
        await playing.body(below(first, "v0-0.m4s"))
        status, headers, body = await playing.get(below(second, "v0-0.m4s"))
        assert (status, b"conversions_full" in body) == (503, True)
        assert int(headers["Retry-After"]) > 0


async def test_what_is_least_used_makes_room_and_what_nobody_uses_goes(
    tmp_path: Path, clock: ManualClock
) -> None:
    shelf = Shelf(tmp_path / "hls", most_bytes=25, clock=clock)
    shelf.open()
    for number in (0, 1):
        await shelf.put("v", number, bytes(10))
    assert await shelf.get("v", 0) is not None
    await shelf.put("v", 2, bytes(10))
    assert [shelf.has("v", number) for number in (0, 1, 2)] == [True, False, True]
    clock.advance(3600)
    await shelf.sweep()
    assert shelf.size_bytes == 0
    shelf.close()
    assert list((tmp_path / "hls").iterdir()) == []


CRASHES = """
import asyncio, os, sys
from pathlib import Path
from libs.common.clock import SystemClock
from libs.common.tasks import Tasks
from services.streaming.hls.processes import Programs
from services.streaming.hls.shelf import Shelf

async def main():
    shelf = Shelf(Path(sys.argv[1]), most_bytes=1000, clock=SystemClock())
    shelf.open()
    await shelf.put("v", 0, b"left")
    endless = ["-f", "lavfi", "-i", "testsrc", "-f", "null", "-"]
    async with Programs(os.environ["PATH"], Tasks()).started("ffmpeg", endless) as child:
        print(child.pid, flush=True)
        await child.ended()

asyncio.run(main())
"""


async def test_a_hub_that_is_killed_leaves_no_program_and_its_segments_go_at_the_next_start(
    tmp_path: Path, clock: ManualClock
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASHES, str(tmp_path / "hls"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    program = int(await process.stdout.readline())
    other = Shelf(tmp_path / "hls", most_bytes=1000, clock=clock)
    other.open()
    assert len(list((tmp_path / "hls").iterdir())) == 2  # one is in use
    other.close()
    process.send_signal(signal.SIGKILL)
    await process.wait()

    async def ended() -> bool:
        return program not in {int(name) for name in os.listdir("/proc") if name.isdecimal()}

    await until(ended)
    other.open()
    assert len(list((tmp_path / "hls").iterdir())) == 1
    other.close()

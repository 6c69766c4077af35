"""How much a film may take of the machine that looks into it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from libs.common.tasks import Tasks
from services.streaming.hls import runs
from services.streaming.hls.looked import NoFilm, film_of
from services.streaming.hls.processes import Programs
from tests.streaming.hls.conftest import Playing
from tests.streaming.hls.processes import programs_of_this_process
from tests.streaming.hls.test_making import below
from tests.waiting import until


def told(width: int, height: int) -> bytes:
    picture = {"index": 0, "codec_type": "video", "codec_name": "h264", "width": width, "height": height}
    return msgspec.json.encode({"streams": [picture], "format": {"format_name": "mp4", "duration": "60"}})


def test_pictures_of_more_pixels_than_8k_has_are_refused() -> None:
    assert film_of(told(8192, 4320)).picture.width == 8192
    with pytest.raises(NoFilm, match="larger than any screen"):
        film_of(told(12_000, 12_000))


async def test_a_program_may_have_so_much_memory_and_time(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho $(ulimit -v) $(ulimit -t)\n")
    program.chmod(0o700)
    programs = Programs(f"{tmp_path}:{os.environ['PATH']}", Tasks())
    async with programs.started("ffmpeg", [], memory_bytes=2**30, cpu_s=7) as child:
        told = await child.read()
    assert told.split() == [str(2**20).encode(), b"7"]


async def test_a_run_that_stands_still_is_ended_and_told(
    playing: Playing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "STANDS_S", 0.5)
    plan = await playing.plan("hevc.mkv")
    playing.films.silent.add("hevc.mkv")
    status, _, body = await playing.get(below(plan, "v0-1.m4s"))
    assert (status, b"segment_timed_out" in body) == (504, True), body

    async def is_ended() -> bool:
        return not programs_of_this_process()

    await until(is_ended)


async def test_what_bounds_programs_is_named_once_where_it_is_missing(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho $0\n")
    program.chmod(0o700)
    (tmp_path / "ffprobe").symlink_to(program)
    with capture_logs() as logs:
        programs = Programs(str(tmp_path), Tasks())
    (said,) = logs
    assert (said["log_level"], said["names"]) == ("warning", ["nice", "prlimit", "setpriv"])
    async with programs.started("ffmpeg", []) as child:
        assert await child.read() == f"{program}\n".encode()

"""The disk on which segments are kept, full or refusing: told in words, nothing lost, no program left."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

from tests.streaming.hls.conftest import Playing
from tests.streaming.hls.processes import programs_of_this_process
from tests.streaming.hls.test_making import below
from tests.waiting import until

SHELF = """
import asyncio, os, sys
from pathlib import Path
from libs.common.clock import SystemClock
from services.streaming.hls.errors import SegmentsDontFit
from services.streaming.hls.shelf import Shelf

async def main():
    shelf = Shelf(Path(sys.argv[1]) / "hls", most_bytes=10**9, clock=SystemClock())
    shelf.open()
    for number in range(4):
        await shelf.put("v", number, bytes(8192))
    left = os.statvfs(sys.argv[1])
    (Path(sys.argv[1]) / "others").write_bytes(bytes(left.f_bavail * left.f_bsize))
    await shelf.put("v", 4, bytes(8192))
    print([shelf.has("v", number) for number in range(5)])
    try:
        await shelf.put("v", 5, bytes(65536))
    except SegmentsDontFit as error:
        print(error.code, os.statvfs(sys.argv[1]).f_bavail > 0)

asyncio.run(main())
"""

PLAYED = """
import asyncio, os, sys
from pathlib import Path
from tests.streaming.hls.conftest import playing_with
from tests.streaming.hls.test_full_disk import no_program
from tests.streaming.hls.test_making import below
from tests.waiting import until

async def main():
    disk, data, films = (Path(word) for word in sys.argv[1:])
    async with playing_with(data, films, HEADGATE_HLS_DIR=str(disk)) as playing:
        converted, direct = await playing.plan("hevc.mkv"), await playing.plan("plain.mp4")
        left = os.statvfs(disk)
        (disk / "others").write_bytes(bytes(left.f_bavail * left.f_bsize))
        status, headers, body = await playing.get(below(converted, "v0-0.m4s"))
        await until(no_program)
        print(status, body.decode())
        print("direct", len(await playing.body(direct.url)) == (films / "plain.mp4").stat().st_size)
        (disk / "others").unlink()
        print("again", len(await playing.body(below(converted, "v0-0.m4s"))) > 1000)
    print("left", await no_program(), list(disk.iterdir()))

asyncio.run(main())
"""


async def no_program() -> bool:
    return not programs_of_this_process()


async def told_on_a_small_disk(tmp_path: Path, script: str, size: str, *words: str) -> list[str]:
    """What the script prints, in a mount namespace of its own, which needs no rights but a user's."""
    disk = tmp_path / "disk"
    disk.mkdir()
    own_namespace = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-Urm"]
    mounted = f'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@"'
    process = await asyncio.create_subprocess_exec(
        *own_namespace,
        *("sh", "-c", mounted, str(disk)),
        *(sys.executable, "-c", script, str(disk), *words),
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    return told.decode().splitlines()


async def test_what_is_least_used_makes_room(tmp_path: Path) -> None:
    told = await told_on_a_small_disk(tmp_path, SHELF, "64k")
    kept, refused = [line for line in told if "hls_disk_full" not in line]
    assert kept == "[False, False, True, True, True]"
    assert refused == "segments_dont_fit True"


async def test_a_disk_that_fills_while_a_film_is_converted_is_told_and_all_else_plays(
    tmp_path: Path, films: Path
) -> None:
    told = await told_on_a_small_disk(tmp_path, PLAYED, "4m", str(tmp_path / "data"), str(films))
    (refused,) = [line for line in told if line.startswith("503")]
    assert "segments_dont_fit" in refused
    assert [line for line in told if line.startswith(("direct", "again", "left"))] == [
        "direct True",
        "again True",
        "left True []",
    ]


async def test_a_folder_that_takes_nothing_any_more_is_told_as_such_and_what_is_small_is_sent(
    playing: Playing, tmp_path: Path
) -> None:
    plan = await playing.plan("two.mkv")
    shutil.rmtree(tmp_path / "hls")
    status, _, body = await playing.get(below(plan, "v0-0.m4s"))
    assert (status, b"takes none" in body) == (503, True), body
    assert b"-->" in await playing.body(below(plan, "s0.vtt"))
    await until(no_program)

"""Programs that run beside the hub: gently, bounded, and never longer than it does."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from libs.common.tasks import Tasks
from services.streaming.hls.errors import FfmpegMissing

log = structlog.get_logger(__name__)

READERS: Final = ("ffmpeg", "ffprobe")
BOUNDS: Final = {
    "nice": "films are converted before everything else",
    "prlimit": "films may take all memory",
    "setpriv": "programs run on where the hub is killed",
}
"""Programs that bound the others, and how it is without them."""
NICENESS: Final = "10"
MOST_TOLD: Final = 4096
"""Bytes kept of what a program says went wrong, the last ones."""
MEMORY_BYTES: Final = 1024**3
"""Of addresses, for looking and copying: 260 MiB are ffmpeg itself with all that it is linked to, and 350
suffice for 8K."""
MUCH_MEMORY_BYTES: Final = 3 * 1024**3
"""For pictures that are made anew: 1.2 GiB suffice for 8K in two threads."""
READ_BYTES: Final = 256 * 1024


class Child:
    """One that was started. What it writes is read by `read`; what isn't read holds it up."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.told = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    async def read(self) -> bytes:
        """b"" at its end."""
        stdout = self._process.stdout
        return await stdout.read(READ_BYTES) if stdout is not None else b""

    async def listen(self) -> None:
        stderr = self._process.stderr
        while stderr is not None and (said := await stderr.read(READ_BYTES)):
            self.told = (self.told + said)[-MOST_TOLD:]

    async def ended(self) -> int:
        return await self._process.wait()

    async def kill(self) -> None:
        """It, and whatever it started; is over once it is, also if cancelled meanwhile."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        is_cancelled = False
        while True:
            try:
                while await self.read():
                    pass  # what it had written holds its pipe open
                await self._process.wait()
                break
            except asyncio.CancelledError:
                is_cancelled = True
        if is_cancelled:
            raise asyncio.CancelledError


class Programs:
    """Starts ffmpeg and ffprobe, found in `path` with what bounds them. What is missing is logged."""

    def __init__(self, path: str, tasks: Tasks) -> None:
        self._path = path
        self._tasks = tasks
        found = {name: shutil.which(name, path=path) for name in (*READERS, *BOUNDS)}
        self._found = {name: where for name, where in found.items() if where is not None}
        missing = sorted(found.keys() - self._found.keys())
        if missing:
            so = [BOUNDS[name] for name in missing if name in BOUNDS]
            log.warning("programs_missing", names=missing, so=so)

    def check(self) -> None:
        """Raises FfmpegMissing."""
        if not all(name in self._found for name in READERS):
            raise FfmpegMissing(
                "This hub can't look into films or convert them: ffmpeg is not installed where it runs."
            )

    @asynccontextmanager
    async def started(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        cpu_s: int = 0,
        memory_bytes: int = MEMORY_BYTES,
        descriptors: Sequence[int] = (),
    ) -> AsyncIterator[Child]:
        """Ended with the block, whatever ends that. `cpu_s` bounds the processor's time it may take. It is
        handed `descriptors`, by the same numbers."""
        self.check()
        process = await asyncio.create_subprocess_exec(
            *self._bounds(cpu_s, memory_bytes),
            self._found[name],
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # No secret of ours, and nothing that changes what it does.
            # An arena of memory for each thread would use up the addresses that it may have.
            env={"PATH": self._path, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            pass_fds=descriptors,
            start_new_session=True,
            limit=READ_BYTES,
        )
        child = Child(process)
        listening = self._tasks.spawn("ffmpeg_told", child.listen())
        try:
            yield child
        finally:
            try:
                await child.kill()
            finally:
                with suppress(asyncio.CancelledError):
                    await listening

    def _bounds(self, cpu_s: int, memory_bytes: int) -> Iterator[str]:
        """What a program is started by, so that it is bounded by whatever is there."""
        cpu = (f"--cpu={cpu_s}",) if cpu_s else ()
        words = {
            "setpriv": ("--pdeathsig", "KILL", "--"),
            "nice": ("-n", NICENESS),
            "prlimit": (f"--as={memory_bytes}", "--core=0", *cpu, "--"),
        }
        for name, arguments in words.items():
            if name in self._found:
                yield self._found[name]
                yield from arguments

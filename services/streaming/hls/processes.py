"""Programs that run beside the hub: gently, bounded, and never longer than it does."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from libs.common.tasks import Tasks
from services.streaming.hls.errors import FfmpegMissing

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
    """Starts ffmpeg and ffprobe, found in `path`."""

    def __init__(self, path: str | None, tasks: Tasks) -> None:
        self._path = path or os.environ.get("PATH", os.defpath)
        self._tasks = tasks
        self._found = {name: shutil.which(name, path=self._path) for name in ("ffmpeg", "ffprobe")}
        self._gently = _gently()

    def check(self) -> None:
        """Raises FfmpegMissing."""
        if not all(self._found.values()):
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
        bounds = [f"--cpu={cpu_s}"] if cpu_s else []
        limits = ["prlimit", f"--as={memory_bytes}", "--core=0", *bounds, "--"] if _PRLIMIT else []
        process = await asyncio.create_subprocess_exec(
            *self._gently,
            *limits,
            self._found[name] or name,
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


_PRLIMIT: Final = shutil.which("prlimit") is not None


def _gently() -> list[str]:
    """The kernel ends it with us where it can be told to; leftovers would run on after a crash."""
    command = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
    return [*command, "nice", "-n", NICENESS] if shutil.which("nice") else command

"""Work that would hold up the loop, done by a process of our own code."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress

AHEAD_BYTES = 1024 * 1024
"""What a process may have written while nobody reads it yet: it works on meanwhile."""
END_S = 1.0
"""How long a process that has said all may take to end."""


@asynccontextmanager
async def running_apart(module: str, *arguments: str) -> AsyncIterator[Process]:
    """`module` with pipes to and from it, gone at the end of the block. It knows no secret of ours."""
    code = os.pathsep.join(path for path in sys.path if path)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        stdin=PIPE,
        stdout=PIPE,
        limit=AHEAD_BYTES,
        env={"PYTHONPATH": code},
    )
    try:
        yield process
        if process.stdout is not None and process.stdout.at_eof():
            with suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        # Its end isn't told before all that it has written is read; an error says that somebody else does.
        with suppress(RuntimeError):
            while process.stdout is not None and await process.stdout.read(AHEAD_BYTES):
                pass
        await process.wait()


async def fed(stdin: asyncio.StreamWriter, pieces: AsyncIterable[bytes]) -> bool:
    """Whether the process took all: one that has stopped says itself why. Raises what `pieces` does."""
    async for piece in pieces:
        # uvloop answers a write to what is closed with a RuntimeError.
        if stdin.is_closing():
            return False
        try:
            stdin.write(piece)
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return False
    return True

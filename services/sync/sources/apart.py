"""Work that would hold up the loop, done by a process of our own code."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def running_apart(module: str, *arguments: str) -> AsyncIterator[Process]:
    """`module` with pipes to and from it, gone at the end of the block. It knows no secret of ours."""
    code = os.pathsep.join(path for path in sys.path if path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=PIPE, stdout=PIPE, env={"PYTHONPATH": code}
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        # Its pipes are read out or closed by now, so its end is all there is to wait for.
        await process.wait()

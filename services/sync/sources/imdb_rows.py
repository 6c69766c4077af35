"""Rows out of a file of IMDb's, read by a process of its own: neither the loop nor its memory notices."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from libs.common.contracts.imdb import LINE_BYTES
from libs.common.lines import lines_of
from libs.protocols.imdb.rows import SetName
from libs.protocols.imdb.tally import Tally
from services.sync.sources.apart import own_code


class RowsBroken(Exception):
    """The rows end here and none of them may be used; the tally says why."""


class RowReader:
    """One file being read. `feed` and `rows` have to go on side by side."""

    def __init__(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self.tally = Tally()
        """How far it is; once it is `done`, how it went."""
        self.stopped = False
        """Whether the rows have ended before their end."""

    async def feed(self, packed: AsyncIterable[bytes]) -> None:
        """Hand it the whole file. Whatever ends `packed` early is raised."""
        try:
            async for piece in packed:
                self._stdin.write(piece)
                await self._stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return  # it has read enough to know that the file is of no use, and says so itself
        self._stdin.close()

    async def rows(self) -> AsyncIterator[bytes]:
        """Lines of rows, each an array of JSON. Raises RowsBroken unless all of them may be used."""
        async for line in lines_of(self._pieces(), longest=LINE_BYTES):
            if line.startswith(b"["):
                yield line + b"\n"
            else:
                self.tally = msgspec.json.decode(line, type=Tally)
        if not self.tally.done or self.tally.broken is not None:
            self.stopped = True
            raise RowsBroken

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await self._stdout.read(LINE_BYTES):
            yield piece


@asynccontextmanager
async def row_reader(name: SetName, *, among: bytes | None = None) -> AsyncIterator[RowReader]:
    """A reader of one file, gone at the end of the block. `among` is an IdSet of the only titles wanted."""
    arguments = [name] if among is None else [name, str(len(among))]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "libs.protocols.imdb",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=own_code(),
    )
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise RuntimeError("the process was started without pipes")
    try:
        if among:
            stdin.write(among)
            with suppress(BrokenPipeError, ConnectionResetError):
                await stdin.drain()
        yield RowReader(stdin, stdout)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        # Its pipes are read out or closed by now, so its end is all there is to wait for.
        await process.wait()

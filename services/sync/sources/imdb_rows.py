"""Rows out of a file of IMDb's, read by a process of its own: neither the loop nor its memory notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from libs.common.contracts.imdb import LINE_BYTES
from libs.common.lines import lines_of
from libs.protocols.imdb.rows import SetName
from libs.protocols.imdb.tally import Tally
from services.sync.sources.apart import fed, running_apart


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
        if await fed(self._stdin, packed):
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
    async with running_apart("libs.protocols.imdb", *arguments) as process:
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process was started without pipes")
        if among:
            stdin.write(among)
            with suppress(BrokenPipeError, ConnectionResetError):
                await stdin.drain()
        yield RowReader(stdin, stdout)

"""A file on its way in: handed piece by piece to a process that reads it, and what that says kept in rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

import msgspec
import structlog

from libs.common.errors import Unavailable
from libs.common.lines import LineTooLong, lines_of
from services.sync.imports.errors import FileUnusable, ImportBusy
from services.sync.imports.reading.said import LONGEST_LINE, Line, Report, Rows, Titles
from services.sync.sources.apart import fed, running_apart

MODULE: Final = "services.sync.imports.reading"
PIECE_BYTES: Final = 256 * 1024
SENT_AT_ONCE: Final = 4
"""Each may fill its temporary file, which is memory in a container."""
READ_AT_ONCE: Final = 2
READ_WITHIN_S: Final = 90.0
"""After all of it has come: the largest takes half a minute on a slow machine."""
T = TypeVar("T")
Hear = Callable[[bytes], Awaitable[T | None]]
"""A line of what the process says; the last one is what all of it comes to."""
_decoder = msgspec.json.Decoder(Line)

log = structlog.get_logger(__name__)


class Files:
    """A few at a time, and one of an account: whoever sends slowly holds up nobody else."""

    def __init__(self) -> None:
        self._reading = asyncio.Semaphore(READ_AT_ONCE)
        self._sending = set[str]()

    async def read(
        self,
        account_id: str,
        pieces: AsyncIterable[bytes],
        *,
        rows: Callable[[Rows], Awaitable[None]],
        titles: Callable[[Titles], Awaitable[None]],
    ) -> Report:
        """Raises FileUnusable, ImportBusy, Unavailable, and what `pieces` raises."""
        return await self.told(account_id, pieces, MODULE, partial(_heard, rows, titles))

    async def told(self, account_id: str, pieces: AsyncIterable[bytes], module: str, hear: Hear[T]) -> T:
        """What a process that runs `module` says of the file. Raises as `read` does, and what `hear` does."""
        if account_id in self._sending:
            raise ImportBusy("Another file of this account is on its way. Try again when it has come.")
        if len(self._sending) >= SENT_AT_ONCE:
            raise Unavailable("Other files are on their way; try again in a moment.", retry_after_s=10)
        self._sending.add(account_id)
        try:
            return await self._read(pieces, module, hear)
        finally:
            self._sending.remove(account_id)

    async def _read(self, pieces: AsyncIterable[bytes], module: str, hear: Hear[T]) -> T:
        async with running_apart(module) as process:
            stdin, stdout = process.stdin, process.stdout
            if stdin is None or stdout is None:
                raise RuntimeError("the process was started without pipes")
            await fed(stdin, pieces)
            async with self._reading:
                stdin.close()
                try:
                    async with asyncio.timeout(READ_WITHIN_S):
                        return await _taken(stdout, hear)
                except TimeoutError:
                    raise FileUnusable("It takes too long to be read. Bring it in parts.") from None


async def _taken(stdout: asyncio.StreamReader, hear: Hear[T]) -> T:
    try:
        async for text in lines_of(_pieces(stdout), longest=LONGEST_LINE):
            if (last := await hear(text)) is not None:
                return last
    except (LineTooLong, msgspec.MsgspecError) as error:
        log.warning("import_unreadable", reason=type(error).__name__)
    raise FileUnusable("It can't be read: it is damaged, or made to do harm.")


async def _heard(
    rows: Callable[[Rows], Awaitable[None]], titles: Callable[[Titles], Awaitable[None]], text: bytes
) -> Report | None:
    match _decoder.decode(text):
        case Rows() as found:
            await rows(found)
        case Titles() as named:
            await titles(named)
        case Report() as report if report.problem:
            raise FileUnusable(report.problem)
        case Report() as report:
            return report
    return None


async def _pieces(stdout: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while piece := await stdout.read(PIECE_BYTES):
        yield piece

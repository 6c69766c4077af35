"""Rows out of what a provider sends, read by a process of their own: the loop doesn't notice."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from libs.common.contracts.handover import RowKind
from libs.common.lines import lines_of
from services.sync.reading.order import (
    CATEGORIES,
    GONE,
    LONGEST_LINE,
    TALLY,
    WANTED,
    Held,
    Order,
    Subject,
    Tally,
)
from services.sync.sources.apart import fed, running_apart

MODULE: Final = "services.sync.reading"
PIECE_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """An array of JSON: rows of a kind or, of a list that tells them by name alone, its categories so far."""

    kind: RowKind
    rows: bytes
    are_categories: bool = False


class Reading:
    """One list being read. `feed` and `lines` have to go on side by side."""

    def __init__(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self.tally = Tally()
        """How far it is; once it is `done`, how it went."""
        self.gone: dict[RowKind, bytearray] = {}
        """Hashes that were held and not met, of a list that was whole."""
        self.wanted = b""
        """What the guide is wanted for, as the next Order takes it."""

    async def feed(self, pieces: AsyncIterable[bytes]) -> None:
        """Hand it the whole list. Whatever ends `pieces` early is raised."""
        if await fed(self._stdin, pieces):
            self._stdin.close()

    async def lines(self) -> AsyncIterator[Line]:
        async for line in lines_of(self._pieces(), longest=LONGEST_LINE):
            word, _, text = line.partition(b" ")
            if word == TALLY:
                self.tally = msgspec.json.decode(text, type=Tally)
            elif word == GONE:
                kind, _, part = text.partition(b" ")
                self.gone.setdefault(_kind(kind), bytearray()).extend(base64.b64decode(part))
            elif word == WANTED:
                self.wanted = _joined(self.wanted, text)
            elif word == CATEGORIES:
                kind, _, rows = text.partition(b" ")
                yield Line(_kind(kind), rows, are_categories=True)
            else:
                yield Line(_kind(word), text + b"\n")

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await self._stdout.read(PIECE_BYTES):
            yield piece


class Stretches:
    """Lines of rows in as few streams as there are changes of their kind, each to be read to its end.

    `handed` is awaited for every line before it goes, and for those that are no rows.
    """

    def __init__(self, lines: AsyncIterator[Line], handed: Callable[[Line], Awaitable[None]]) -> None:
        self._lines = lines
        self._handed = handed
        self._next: Line | None = None

    async def __aiter__(self) -> AsyncIterator[tuple[RowKind, AsyncIterator[bytes]]]:
        self._next = await self._row()
        while self._next is not None:
            kind = self._next.kind
            yield kind, self._same(kind)

    async def _same(self, kind: RowKind) -> AsyncIterator[bytes]:
        while self._next is not None and self._next.kind == kind:
            yield self._next.rows
            self._next = await self._row()

    async def _row(self) -> Line | None:
        async for line in self._lines:
            await self._handed(line)
            if not line.are_categories:
                return line
        return None


@asynccontextmanager
async def reading(
    subject: Subject,
    held: Mapping[RowKind, bytes],
    *,
    again: bool,
    wanted: bytes | None = None,
    now_s: int = 0,
) -> AsyncIterator[Reading]:
    """A reader of one list, gone at the end of the block. `held` are packed hashes, `wanted` None is all."""
    order = Order(
        subject=subject,
        held=tuple(Held(kind, len(hashes)) for kind, hashes in held.items()),
        again=again,
        wanted_bytes=None if wanted is None else len(wanted),
        now_s=now_s,
    )
    async with running_apart(MODULE) as process:
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process was started without pipes")
        stdin.write(msgspec.json.encode(order) + b"\n")
        for hashes in (*held.values(), wanted or b""):
            stdin.write(hashes)
        with suppress(BrokenPipeError, ConnectionResetError):
            await stdin.drain()
        yield Reading(stdin, stdout)


def _joined(array: bytes, more: bytes) -> bytes:
    """Two arrays of JSON as one."""
    if array in {b"", b"[]"} or more == b"[]":
        return more if array in {b"", b"[]"} else array
    return array[:-1] + b"," + more[1:]


def _kind(word: bytes) -> RowKind:
    kind: RowKind = msgspec.convert(word.decode(), RowKind)
    return kind

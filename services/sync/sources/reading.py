"""Rows out of what a provider sends, read by a process of their own: the loop doesn't notice."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias

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
from services.sync.sources.apart import running_apart

MODULE: Final = "services.sync.reading"
PIECE_BYTES: Final = 256 * 1024

Line: TypeAlias = tuple[RowKind, bytes, bool]
"""The kind, an array of JSON, and whether that is of categories instead of rows."""


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
        try:
            async for piece in pieces:
                self._stdin.write(piece)
                await self._stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return  # it has read enough to know that the list is of no use, and says so itself
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
                self.wanted = text
            elif word == CATEGORIES:
                kind, _, rows = text.partition(b" ")
                yield _kind(kind), rows, True
            else:
                yield _kind(word), text + b"\n", False

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await self._stdout.read(PIECE_BYTES):
            yield piece


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


def _kind(word: bytes) -> RowKind:
    kind: RowKind = msgspec.convert(word.decode(), RowKind)
    return kind

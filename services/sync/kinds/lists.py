"""A list read by a task of its own: the next one may be read while one is still written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import HandoverClient, RowKind
from libs.common.deadline import Deadline
from libs.common.tasks import Tasks
from services.sync.kinds.tries import Run
from services.sync.reading.order import Subject
from services.sync.sources.reading import Line, Reading, reading

HASHES_WITHIN_S: Final = 6 * 3600.0
LINES_AHEAD: Final = 4
"""Of half a megabyte each: the next are read while one is written, though a pipe holds a tenth of one."""

Pieces = AsyncGenerator[bytes, None]


class ListRead:
    """Begins at once; whoever makes one closes it.

    A list of which nothing is held, or that is sent whole, is asked for only when its lines are taken: they
    would soon fill what may wait, and its provider would be kept waiting for as long as another is written.
    """

    def __init__(
        self,
        run: Run,
        subject: Subject,
        kinds: Sequence[RowKind],
        pieces: Pieces,
        *,
        wanted: bytes | None,
        client: HandoverClient,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        self.subject = subject
        self.held: dict[RowKind, bytes] = {}
        """The hashes that were held before, once it has begun."""
        self._client = client
        self._clock = clock
        self._run = run
        self._kinds = kinds
        self._pieces = pieces
        self._wanted = wanted
        self._reader: Reading | None = None
        self._lines = asyncio.Queue[Line | None](LINES_AHEAD)
        self._begun, self._taken = asyncio.Event(), asyncio.Event()
        self._trouble: Exception | None = None
        self._task = tasks.spawn("read_list", self._told())

    @property
    def reader(self) -> Reading:
        """Once it has begun."""
        if self._reader is None:
            raise RuntimeError("the list isn't being read yet")
        return self._reader

    async def begin(self) -> Mapping[RowKind, bytes]:
        """Waits until it has begun, from when on its lines can be taken. Raises what kept it from that."""
        self._taken.set()
        await self._begun.wait()
        if self._reader is None and self._trouble is not None:
            raise self._trouble
        return self.held

    async def ended(self) -> None:
        """Raises what went wrong; whoever is cancelled here ends the reading."""
        await self._task
        if self._trouble is not None:
            raise self._trouble

    async def lines(self) -> AsyncIterator[Line]:
        while (line := await self._lines.get()) is not None:
            yield line

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._pieces.aclose()

    async def _told(self) -> None:
        try:
            await self._read()
        except Exception as trouble:
            self._trouble = trouble
        finally:
            self._begun.set()

    async def _read(self) -> None:
        within = Deadline.after(self._clock, HASHES_WITHIN_S)
        for kind in self._kinds:
            self.held[kind] = await self._client.hashes(self._run.provider, kind, deadline=within)
        is_full, now_s = self._run.is_full, int(self._clock.time())
        async with reading(
            self.subject, self.held, again=is_full, wanted=self._wanted, now_s=now_s
        ) as reader:
            self._reader = reader
            self._begun.set()
            if is_full or not any(self.held.values()):
                await self._taken.wait()
            async with asyncio.TaskGroup() as group:
                feeding = group.create_task(self._feed(reader))
                await self._pass_on(reader)
                # It may have seen enough before everything has come, or be gone.
                feeding.cancel()

    async def _feed(self, reader: Reading) -> None:
        async with aclosing(self._pieces):
            await reader.feed(self._pieces)

    async def _pass_on(self, reader: Reading) -> None:
        async for line in reader.lines():
            await self._lines.put(line)
        await self._lines.put(None)

"""Runs of ffmpeg, each making the segments of one track from somewhere on, a little ahead of its player.

A run that is far enough ahead is held up by its full pipe. It is ended when that lasts, or when its player
goes elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog

from libs.common.clock import Clock
from libs.common.errors import HeadgateError
from services.streaming.hls.boxes import FragmentReader, Init, NotFragments
from services.streaming.hls.commands import OFFSET_S, Input
from services.streaming.hls.cuts import Cuts
from services.streaming.hls.cutter import Cutter, Segment
from services.streaming.hls.errors import FilmUnreadable, SegmentTimedOut
from services.streaming.hls.feeds import Feeds, Given
from services.streaming.hls.processes import MEMORY_BYTES, MUCH_MEMORY_BYTES, Child, Programs
from services.streaming.hls.shelf import Shelf
from services.streaming.hls.tickets import Origin, Player, TrackKind

log = structlog.get_logger(__name__)

T = TypeVar("T")

AHEAD: Final = 5
"""Segments made beyond the last one that was asked for."""
STANDS_S: Final = 50.0
"""ffmpeg that sends nothing for so long waits for a source that is silent, or for itself: where it gets no
more memory it may hang."""
REACH: Final = 2
"""For a segment that is so near it is waited for; a run of its own would need as long to get under way."""


@dataclass(frozen=True, slots=True)
class Track:
    """One rendition of one film. `key` names it among all; `command` makes it from a segment on.

    `is_heavy`: pictures are made anew for it.
    """

    key: str
    kind: TrackKind
    origin: Origin
    cuts: Cuts = field(repr=False)
    command: Callable[[Input, float], list[str]] = field(repr=False)
    is_heavy: bool = False


class Run:
    """`next` is the segment that is being made. Who asks says so by `asked`. It counts as `account_id`'s,
    which asked first."""

    def __init__(self, track: Track, first: int, *, account_id: str, clock: Clock) -> None:
        self.track = track
        self.account_id = account_id
        self.next = first
        self.players: set[Player] = set()
        self.waiting = 0
        self.is_over = False
        self.was_ended = False
        self.made = 0
        self.init: Init | None = None
        self.error: HeadgateError | None = None
        self.task: asyncio.Task[None] | None = None
        self.asked_at = clock.monotonic()
        self._clock = clock
        self._first = first
        self._wanted = first
        self._changed = asyncio.Event()

    def asked(self, number: int) -> None:
        self.asked_at = self._clock.monotonic()
        self._wanted = max(self._wanted, number)
        self._tell()

    def will_soon_have(self, number: int) -> bool:
        return not self.is_over and self.next <= number <= self.next + REACH

    async def has_init(self) -> None:
        """Until what stands before the segments is there, or will not be."""
        while self.init is None and not self.is_over:
            await self._change()

    async def has(self, number: int) -> None:
        """Until that segment is on the shelf, or will not be."""
        while self.next <= number and not self.is_over:
            await self._change()

    def end(self) -> None:
        """At once; its program ends a moment later."""
        self.is_over = self.was_ended = True
        if self.task is not None:
            self.task.cancel()
        self._tell()

    async def go(self, feeds: Feeds, programs: Programs, shelf: Shelf) -> None:
        """The whole of it. What goes wrong is in `error` afterwards."""
        try:
            await self._go(feeds, programs, shelf)
        except HeadgateError as error:
            self.error = error
        except (NotFragments, OSError) as error:
            log.warning("hls_run_failed", reason=type(error).__name__)
            self.error = FilmUnreadable("The film can't be converted.")
        finally:
            self.is_over = True
            self._tell()

    async def _go(self, feeds: Feeds, programs: Programs, shelf: Shelf) -> None:
        begins_s = self.track.cuts.begins[self._first]
        async with (
            feeds.given(self.track.origin) as given,
            programs.started(
                "ffmpeg",
                self.track.command(given.input, begins_s),
                memory_bytes=MUCH_MEMORY_BYTES if self.track.is_heavy else MEMORY_BYTES,
                descriptors=given.input.descriptors,
            ) as child,
        ):
            reader, cutter = FragmentReader(offset_s=OFFSET_S), None
            while data := await _unless_it_stands(child.read()):
                for piece in reader.feed(data):
                    if isinstance(piece, Init):
                        self.init, cutter = piece, Cutter(self.track.cuts, self._first, piece.timescale)
                        self._tell()
                        continue
                    for segment in cutter.add(piece) if cutter is not None else ():
                        if not await self._keep(segment, shelf):
                            return
            for segment in cutter.end() if cutter is not None else ():
                await self._keep(segment, shelf)
            self._judge(await _unless_it_stands(child.ended()), child, given)

    async def _keep(self, segment: Segment, shelf: Shelf) -> bool:
        """Whether the next one is to be made, once there is somebody for it."""
        await shelf.put(self.track.key, segment.number, segment.data)
        self.made += 1
        self.next = segment.number + 1
        self._tell()
        while self.next > self._wanted + AHEAD:
            await self._change()
        # What an earlier run has made is not made again.
        return bool(self.waiting) or not shelf.has(self.track.key, self.next)

    def _judge(self, code: int, child: Child, given: Given) -> None:
        if given.failure is not None and not self.made:
            raise given.failure
        if code == 0:
            return
        said = child.told.decode("utf-8", errors="replace").replace(given.input.address, "the film")
        log.warning("ffmpeg_failed", code=code, made=self.made, said=said[-300:])
        if not self.made:
            raise FilmUnreadable("The film can't be converted: its file is damaged, or of an unknown form.")

    async def _change(self) -> None:
        await self._changed.wait()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def _unless_it_stands(awaited: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(STANDS_S):
            return await awaited
    except TimeoutError:
        raise SegmentTimedOut(
            "Nothing came of converting this film: its source is silent, or it takes too much.",
            retry_after_s=5,
        ) from None

"""Subtitles that are in a film, as WebVTT: a piece at a time, or all of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from libs.common.tasks import Tasks
from services.streaming.hls import commands
from services.streaming.hls.boxes import SHIFT_S
from services.streaming.hls.errors import FilmUnreadable, SegmentsDontFit, SegmentTimedOut
from services.streaming.hls.feeds import Feeds
from services.streaming.hls.processes import Child, Programs
from services.streaming.hls.shelf import Shelf
from services.streaming.hls.tickets import Origin
from services.streaming.hls.turns import Turns

BEFORE_S: Final = 15.0
"""What is said may have begun so long before a piece begins."""
PIECE_WITHIN_S: Final = 60.0
WHOLE_WITHIN_S: Final = 300.0
MOST_BYTES: Final = 8 * 1024 * 1024
CPU_SHARE: Final = 0.5
"""Of the time that it may take, how much of a processor: a film is read, not converted."""
AT_ONCE: Final = 4
OF_ACCOUNT: Final = 2
_TIMES: Final = re.compile(
    # At the beginning of a line, and of few digits: what is said may be a million of them.
    r"^(?:(\d{1,4}):)?(\d\d):(\d\d)\.(\d{3}) --> (?:(\d{1,4}):)?(\d\d):(\d\d)\.(\d{3})",
    re.ASCII | re.MULTILINE,
)
_HEAD: Final = f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{SHIFT_S * 90_000},LOCAL:00:00:00.000\n\n"

Maker = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Text:
    """Subtitles of one film, and who asks for them. `key` names them among all."""

    key: str
    origin: Origin
    stream: int
    account_id: str


@dataclass(slots=True)
class _Making:
    task: asyncio.Task[bytes]
    waiting: int = 0


class Texts:
    """Made once for all who ask for the same piece, while anybody does, and kept with the segments."""

    def __init__(self, feeds: Feeds, programs: Programs, shelf: Shelf, tasks: Tasks) -> None:
        self._feeds = feeds
        self._programs = programs
        self._shelf = shelf
        self._tasks = tasks
        self._turns = Turns(AT_ONCE, of_account=OF_ACCOUNT)
        self._making: dict[tuple[str, int], _Making] = {}

    async def piece(self, text: Text, number: int, *, begins_s: float, ends_s: float) -> bytes:
        """What is said between those times. Raises HeadgateError."""

        async def make() -> bytes:
            start_s = max(0.0, begins_s - BEFORE_S)
            told = await self._told(text, start_s, ends_s - start_s, PIECE_WITHIN_S)
            return (await asyncio.to_thread(said_between, told, begins_s, ends_s)).encode()

        return await self._once(text, number, make)

    async def whole(self, text: Text) -> bytes:
        """All that is said. Raises HeadgateError."""

        async def make() -> bytes:
            told = await self._told(text, 0.0, None, WHOLE_WITHIN_S)
            return told.encode()

        return await self._once(text, -1, make)

    async def _once(self, text: Text, number: int, make: Maker) -> bytes:
        place = text.key, number
        found = await self._shelf.get(*place)
        if found is not None:
            return found
        making = self._making.get(place)
        if making is None:
            task = self._tasks.spawn("hls_text", self._kept(text, number, make))
            making = self._making[place] = _Making(task)
        making.waiting += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not making.waiting:
                making.task.cancel()
                del self._making[place]

    async def _kept(self, text: Text, number: int, make: Maker) -> bytes:
        async with self._turns.taken(text.account_id):
            said = await make()
        with suppress(SegmentsDontFit):  # it is there all the same
            await self._shelf.put(text.key, number, said)
        return said

    async def _told(self, text: Text, start_s: float, length_s: float | None, within_s: float) -> str:
        async with (
            self._feeds.given(text.origin) as given,
            self._programs.started(
                "ffmpeg",
                commands.subtitles(given.input, text.stream, start_s, length_s),
                cpu_s=int(within_s * CPU_SHARE),
                descriptors=given.input.descriptors,
            ) as child,
        ):
            try:
                async with asyncio.timeout(within_s):
                    told = await _all(child)
                    code = await child.ended()
            except TimeoutError:
                raise SegmentTimedOut("The subtitles of this film take long to find.") from None
            if given.failure is not None and not told:
                raise given.failure
            if code and not told:
                raise FilmUnreadable("These subtitles can't be read.")
            return told.decode("utf-8", errors="replace")


async def _all(child: Child) -> bytes:
    told = bytearray()
    while data := await child.read():
        told += data
        if len(told) > MOST_BYTES:
            raise FilmUnreadable("There is too much in these subtitles.")
    return bytes(told)


def said_between(text: str, begins_s: float, ends_s: float) -> str:
    """The cues of a WebVTT text that are shown then, as one that stands in a playlist."""
    return _HEAD + "".join(
        f"{cue}\n\n" for cue, from_s, to_s in _cues(text) if from_s < ends_s and to_s > begins_s
    )


def _cues(text: str) -> Iterator[tuple[str, float, float]]:
    text, at = text.replace("\r\n", "\n"), 0
    while found := _TIMES.search(text, at):
        at = text.find("\n\n", found.end())
        at = at if at >= 0 else len(text)
        parts = [int(part or 0) for part in found.groups()]
        yield text[found.start() : at].rstrip("\n"), _seconds(parts[:4]), _seconds(parts[4:])


def _seconds(parts: list[int]) -> float:
    hours, minutes, seconds, thousandths = parts
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000

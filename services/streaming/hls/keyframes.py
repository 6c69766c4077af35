"""Where the key pictures of a film are, by what its file says: the cues of Matroska, the tables of MP4.

A few reads tell what else needs the whole film to be gone through. What a file says is checked, not believed:
a wrong place makes a segment longer, nothing worse. It is taken apart in threads, and there is a bound to all
of it: there may be millions of things in it that mean nothing.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from services.streaming.hls.origins import Reader

HEAD_BYTES: Final = 512 * 1024
MOST_CUES_BYTES: Final = 4 * 1024 * 1024
MOST_TABLES_BYTES: Final = 16 * 1024 * 1024
"""They tell of every single picture and piece of sound: of three hours with three sounds there are 9 MB."""
MOST_KEYS: Final = 100_000
MOST_ELEMENTS: Final = 500_000
"""Of one film, the ones inside others, too: of three hours that name a place a second there are 80,000."""
MOST_BOXES: Final = 64
"""One after another; a film has some ten."""
_NO_ROW: Final = (-1, 0)
_EBML: Final = b"\x1aE\xdf\xa3"
_SEGMENT, _SEEK_HEAD, _SEEK, _INFO, _TRACKS, _CUES = (
    0x18538067,
    0x114D9B74,
    0x4DBB,
    0x1549A966,
    0x1654AE6B,
    0x1C53BB6B,
)


async def key_pictures(read: Reader, size_bytes: int) -> tuple[float, ...]:
    """Their times in seconds as the file counts them, in order; none if the file doesn't say."""
    head = await read(0, HEAD_BYTES)
    try:
        if head.startswith(_EBML):
            return await _of_matroska(read, _Ebml(head))
        if head[4:8] in (b"ftyp", b"moov"):
            return await _of_mp4(read, head, size_bytes)
    except (struct.error, IndexError, ValueError, ZeroDivisionError):
        pass  # it doesn't say, or says what can't be
    return ()


class _Element(NamedTuple):
    id: int
    begins: int
    ends: int


def _vint(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keep else value & ~(1 << (7 * length))), at + length


class _Ebml:
    """A part of a file of Matroska. Raises ValueError where there is more in it than in any film."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MOST_ELEMENTS

    def elements(self, at: int = 0, ends: int | None = None) -> Iterator[_Element]:
        """One after another, the last one perhaps cut off."""
        data, size = self._data, len(self._data)
        ends = size if ends is None else min(ends, size)
        while at + 2 < ends:
            self._left -= 1
            if self._left < 0:
                raise ValueError("too many elements")
            if not data[at]:
                return
            id_, at = _vint(data, at, keep=True)
            if at >= size or not data[at]:
                return
            length, at = _vint(data, at, keep=False)
            yield _Element(id_, at, at + length)
            at += length

    def within(self, element: _Element) -> Iterator[_Element]:
        return self.elements(element.begins, element.ends)

    def number(self, element: _Element) -> int:
        return int.from_bytes(self._data[element.begins : min(element.ends, element.begins + 8)], "big")

    def whole(self, element: _Element) -> bytes | None:
        """None if it is cut off."""
        return self._data[element.begins : element.ends] if element.ends <= len(self._data) else None


class _Told(NamedTuple):
    """What the head of a file says. `cues` is None where they are elsewhere: at `cues_at`, if anywhere."""

    scale: int
    track: int
    cues_at: int
    cues: bytes | None


async def _of_matroska(read: Reader, head: _Ebml) -> tuple[float, ...]:
    told = await asyncio.to_thread(_told, head)
    cues = told.cues
    if cues is None and told.cues_at:
        cues = await _read_cues(read, told.cues_at)
    return await asyncio.to_thread(_cue_times, _Ebml(cues or b""), told.track, told.scale)


def _told(head: _Ebml) -> _Told:
    segment = next((each for each in head.elements() if each.id == _SEGMENT), None)
    if segment is None:
        raise ValueError("no segment")
    scale, track, cues_at = 1_000_000, 1, 0
    cues: bytes | None = None
    for each in head.within(segment):
        if each.id == _INFO:
            scale = next((head.number(part) for part in head.within(each) if part.id == 0x2AD7B1), scale)
        elif each.id == _TRACKS:
            track = _picture_track(head, each)
        elif each.id == _SEEK_HEAD:
            sought = _sought(head, each)
            cues_at = segment.begins + sought if sought else cues_at
        elif each.id == _CUES:
            cues = head.whole(each)
    return _Told(scale, track, cues_at, cues)


def _picture_track(head: _Ebml, tracks: _Element) -> int:
    for entry in head.within(tracks):
        told = {part.id: head.number(part) for part in head.within(entry) if part.id in (0xD7, 0x83)}
        if told.get(0x83) == 1:
            return told.get(0xD7, 1)
    return 1


def _sought(head: _Ebml, seek_head: _Element) -> int:
    for seek in head.within(seek_head):
        told = {part.id: head.number(part) for part in head.within(seek)}
        if seek.id == _SEEK and told.get(0x53AB) == _CUES:
            return told.get(0x53AC, 0)
    return 0


async def _read_cues(read: Reader, at: int) -> bytes:
    head = _Ebml(await read(at, 16))
    element = next(head.elements(), None)
    if element is None or element.id != _CUES or element.ends > MOST_CUES_BYTES:
        return b""
    return await read(at + element.begins, element.ends - element.begins)


def _cue_times(cues: _Ebml, track: int, scale: int) -> tuple[float, ...]:
    times = islice(_cue_points(cues, track), MOST_KEYS)
    return tuple(sorted({time * scale / 1e9 for time in times}))


def _cue_points(cues: _Ebml, track: int) -> Iterator[int]:
    for point in cues.elements():
        time, of_picture = -1, False
        for part in cues.within(point):
            if part.id == 0xB3:
                time = cues.number(part)
            elif part.id == 0xB7:
                numbers = (cues.number(each) for each in cues.within(part) if each.id == 0xF7)
                of_picture = of_picture or track in numbers
        if of_picture and time >= 0:
            yield time


async def _of_mp4(read: Reader, head: bytes, size_bytes: int) -> tuple[float, ...]:
    return await asyncio.to_thread(_table_times, await _read_moov(read, head, size_bytes))


def _table_times(moov: bytes) -> tuple[float, ...]:
    for trak in _boxes(moov, b"trak"):
        media = next(_boxes(trak, b"mdia"), b"")
        if next(_boxes(media, b"hdlr"), b"")[8:12] == b"vide":
            return tuple(sorted(set(_sync_times(trak, media))))
    return ()


async def _read_moov(read: Reader, head: bytes, size_bytes: int) -> bytes:
    at = 0
    for _ in range(MOST_BOXES):
        data = head[at : at + 16] if at + 16 <= len(head) else await read(at, 16)
        if len(data) < 16:
            return b""
        size, begins = int.from_bytes(data[:4], "big"), 8
        if size == 1:
            size, begins = int.from_bytes(data[8:16], "big"), 16
        elif size == 0:
            size = size_bytes - at
        if size < begins:
            return b""
        if data[4:8] == b"moov":
            return await read(at + begins, size - begins) if size <= MOST_TABLES_BYTES else b""
        at += size
    return b""


def _boxes(data: bytes, kind: bytes) -> Iterator[bytes]:
    """What stands in the boxes of that kind, in order."""
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return
        size, begins = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, begins = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size < begins:
            return
        if data[at + 4 : at + 8] == kind:
            yield data[at + begins : at + size]
        at += size


def _one(data: bytes, kind: bytes) -> bytes:
    """The first of them. Raises ValueError: StopIteration would never leave a thread."""
    for box in _boxes(data, kind):
        return box
    raise ValueError("a box that is missing")


def _table(box: bytes, row: str) -> Iterator[tuple[int, ...]]:
    count = int.from_bytes(box[4:8], "big")
    size = struct.calcsize(row)
    return struct.iter_unpack(row, box[8 : 8 + min(count, (len(box) - 8) // size) * size])


def _sync_times(trak: bytes, media: bytes) -> Iterator[float]:
    mdhd = _one(media, b"mdhd")
    timescale = int.from_bytes(mdhd[20:24] if mdhd[0] else mdhd[12:16], "big")
    stbl = _one(_one(media, b"minf"), b"stbl")
    rows = islice(_table(next(_boxes(stbl, b"stss"), bytes(8)), ">I"), MOST_KEYS)
    sync = [number for (number,) in rows]
    decoded = _at(sync, _table(_one(stbl, b"stts"), ">II"), adds=True)
    later = _at(sync, _table(next(_boxes(stbl, b"ctts"), bytes(8)), ">Ii"), adds=False)
    first = _first_shown(trak)
    return ((one + two - first) / timescale for one, two in zip(decoded, later, strict=True))


def _at(numbers: Sequence[int], rows: Iterator[tuple[int, ...]], *, adds: bool) -> Iterator[int]:
    """For each number of a sample, from 1, what the rows of (count, value) say: the value, or their sum."""
    seen = total = 0
    count, value = next(rows, _NO_ROW)
    for number in numbers:
        while count >= 0 and seen + count < number:
            total += count * value
            seen += count
            count, value = next(rows, _NO_ROW)
        yield total + (number - 1 - seen) * value if adds else value


def _first_shown(trak: bytes) -> int:
    """Where in the track's own time its first edit begins."""
    elst = next(_boxes(next(_boxes(trak, b"edts"), b""), b"elst"), b"")
    if not elst:
        return 0
    rows = _table(elst, ">QqI" if elst[0] else ">IiI")
    return next((row[1] for row in rows if row[1] >= 0), 0)

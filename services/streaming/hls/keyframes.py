"""Where the key pictures of a film are, by what its file says: the cues of Matroska, the tables of MP4.

A few reads tell what else needs the whole film to be gone through. What a file says is checked, not believed:
a wrong place makes a segment longer, nothing worse.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from services.streaming.hls.origins import Reader

HEAD_BYTES: Final = 512 * 1024
MOST_BYTES: Final = 32 * 1024 * 1024
"""Of the tables of one film."""
MOST_KEYS: Final = 200_000
MOST_BOXES: Final = 64
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
            found = await _of_matroska(read, head)
        elif head[4:8] in (b"ftyp", b"moov"):
            found = await _of_mp4(read, head, size_bytes)
        else:
            found = []
    except (struct.error, IndexError, ValueError, ZeroDivisionError):
        return ()
    return tuple(sorted(set(found[:MOST_KEYS])))


class _Element(NamedTuple):
    id: int
    begins: int
    ends: int


def _vint(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keep else value & ~(1 << (7 * length))), at + length


def _elements(data: bytes, at: int, ends: int) -> Iterator[_Element]:
    """One after another, the last one perhaps cut off."""
    while at + 2 < min(ends, len(data)):
        if not data[at]:
            return
        id_, at = _vint(data, at, keep=True)
        if at >= len(data) or not data[at]:
            return
        size, at = _vint(data, at, keep=False)
        yield _Element(id_, at, at + size)
        at += size


def _number(data: bytes, element: _Element) -> int:
    return int.from_bytes(data[element.begins : min(element.ends, element.begins + 8)], "big")


async def _of_matroska(read: Reader, head: bytes) -> list[float]:
    segment = next(each for each in _elements(head, 0, len(head)) if each.id == _SEGMENT)
    scale, track, cues_at, cues = 1_000_000, 1, 0, b""
    for each in _elements(head, segment.begins, segment.ends):
        if each.id == _INFO:
            scale = next((_number(head, part) for part in _within(head, each) if part.id == 0x2AD7B1), scale)
        elif each.id == _TRACKS:
            track = _picture_track(head, each)
        elif each.id == _SEEK_HEAD:
            cues_at = _sought(head, each) or cues_at
        elif each.id == _CUES:
            cues_at = each.begins - segment.begins
            cues = head[each.begins : each.ends] if each.ends <= len(head) else b""
    if not cues and cues_at:
        cues = await _read_cues(read, segment.begins + cues_at)
    return [time * scale / 1e9 for time in _cue_times(cues, track)]


def _within(data: bytes, element: _Element) -> Iterator[_Element]:
    return _elements(data, element.begins, element.ends)


def _picture_track(data: bytes, tracks: _Element) -> int:
    for entry in _within(data, tracks):
        told = {part.id: _number(data, part) for part in _within(data, entry) if part.id in (0xD7, 0x83)}
        if told.get(0x83) == 1:
            return told.get(0xD7, 1)
    return 1


def _sought(data: bytes, seek_head: _Element) -> int:
    for seek in _within(data, seek_head):
        told = {part.id: _number(data, part) for part in _within(data, seek)}
        if seek.id == _SEEK and told.get(0x53AB) == _CUES:
            return told.get(0x53AC, 0)
    return 0


async def _read_cues(read: Reader, at: int) -> bytes:
    head = await read(at, 16)
    element = next(iter(_elements(head, 0, MOST_BYTES)), None)
    if element is None or element.id != _CUES or element.ends > MOST_BYTES:
        return b""
    return await read(at + element.begins, element.ends - element.begins)


def _cue_times(cues: bytes, track: int) -> Iterator[int]:
    for point in _elements(cues, 0, len(cues)):
        time, of_picture = -1, False
        for part in _within(cues, point):
            if part.id == 0xB3:
                time = _number(cues, part)
            elif part.id == 0xB7:
                numbers = (_number(cues, each) for each in _within(cues, part) if each.id == 0xF7)
                of_picture = of_picture or track in numbers
        if of_picture and time >= 0:
            yield time


async def _of_mp4(read: Reader, head: bytes, size_bytes: int) -> list[float]:
    moov = await _read_moov(read, head, size_bytes)
    for trak in _boxes(moov, b"trak"):
        media = next(_boxes(trak, b"mdia"), b"")
        if next(_boxes(media, b"hdlr"), b"")[8:12] == b"vide":
            return _sync_times(trak, media)
    return []


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
        if data[4:8] == b"moov":
            return await read(at + begins, size - begins) if size <= MOST_BYTES else b""
        if size < begins:
            return b""
        at += size
    return b""


def _boxes(data: bytes, kind: bytes) -> Iterator[bytes]:
    """What stands in the boxes of that kind, in order."""
    at = 0
    while at + 8 <= len(data):
        size, begins = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, begins = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size < begins:
            return
        if data[at + 4 : at + 8] == kind:
            yield data[at + begins : at + size]
        at += size


def _table(box: bytes, row: str) -> Sequence[tuple[int, ...]]:
    count = int.from_bytes(box[4:8], "big")
    size = struct.calcsize(row)
    return list(struct.iter_unpack(row, box[8 : 8 + min(count, (len(box) - 8) // size) * size]))


def _sync_times(trak: bytes, media: bytes) -> list[float]:
    mdhd = next(_boxes(media, b"mdhd"))
    timescale = int.from_bytes(mdhd[20:24] if mdhd[0] else mdhd[12:16], "big")
    stbl = next(_boxes(next(_boxes(media, b"minf")), b"stbl"))
    sync = [number for (number,) in _table(next(_boxes(stbl, b"stss"), bytes(8)), ">I")][:MOST_KEYS]
    decoded = _at(sync, _table(next(_boxes(stbl, b"stts")), ">II"), adds=True)
    later = _at(sync, _table(next(_boxes(stbl, b"ctts"), bytes(8)), ">Ii"), adds=False)
    first = _first_shown(trak)
    return [(one + two - first) / timescale for one, two in zip(decoded, later, strict=True)]


def _at(numbers: Sequence[int], rows: Sequence[tuple[int, ...]], *, adds: bool) -> list[int]:
    """For each number of a sample, from 1, what the rows of (count, value) say: the value, or their sum."""
    found: list[int] = []
    place, seen, total = 0, 0, 0
    for number in numbers:
        while place < len(rows) and seen + rows[place][0] < number:
            total += rows[place][0] * rows[place][1]
            seen += rows[place][0]
            place += 1
        value = rows[place][1] if place < len(rows) else 0
        found.append(total + (number - 1 - seen) * value if adds else value)
    return found


def _first_shown(trak: bytes) -> int:
    """Where in the track's own time its first edit begins."""
    elst = next(_boxes(next(_boxes(trak, b"edts"), b""), b"elst"), b"")
    if not elst:
        return 0
    rows = _table(elst, ">QqI" if elst[0] else ">IiI")
    return next((row[1] for row in rows if row[1] >= 0), 0)

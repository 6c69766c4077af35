"""Fragmented MP4 as ffmpeg writes it to a pipe, taken apart into samples, and segments put together of them.

Segments of several runs follow each other without a gap: their times are those of the film, SHIFT_S later,
since what is decoded before it is shown would begin below zero. Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

LARGEST_BOX: Final = 64 * 1024 * 1024
"""A picture of 8K that stands alone is smaller."""
LARGEST_INIT: Final = 64 * 1024
"""Of one track it is about one kibibyte. It is kept in memory, and a film says what is in it."""
SHIFT_S: Final = 1
_NOT_SYNC: Final = 0x10000
_SYNC_FLAGS: Final = 0x02000000
_OTHER_FLAGS: Final = 0x01010000
_HEAD: Final = 8


class NotFragments(ValueError):
    """What came is not what ffmpeg was told to write."""


@dataclass(frozen=True, slots=True)
class Init:
    """What stands before all segments. `timescale` is how many units of time a second has."""

    data: bytes = field(repr=False)
    timescale: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture, or one piece of sound. `dts` and `pts` are in units of the timescale."""

    dts: int
    pts: int
    is_sync: bool
    data: bytes = field(repr=False)


class FragmentReader:
    """Takes bytes as they come. `offset_s` was added to all times, so that none is below zero."""

    def __init__(self, *, offset_s: int) -> None:
        self._offset_s = offset_s
        self._buffer = bytearray()
        self._head = bytearray()
        self._init: Init | None = None
        self._moof = b""

    def feed(self, data: bytes) -> Iterator[Init | Sample]:
        """Raises NotFragments."""
        self._buffer += data
        while len(self._buffer) >= _HEAD:
            size = int.from_bytes(self._buffer[:4], "big")
            if not _HEAD <= size <= LARGEST_BOX:
                raise NotFragments("a box of a size that can't be")
            if len(self._buffer) < size:
                return
            box = bytes(self._buffer[:size])
            del self._buffer[:size]
            yield from self._take(box[4:8], box)

    def _take(self, kind: bytes, box: bytes) -> Iterator[Init | Sample]:
        if kind == b"moof":
            self._moof = box
        elif kind == b"mdat":
            if self._init is None or not self._moof:
                raise NotFragments("samples before their description")
            yield from self._samples(self._moof, box[_HEAD:], self._offset_s * self._init.timescale)
        elif kind in (b"ftyp", b"moov"):
            self._head += box
            if len(self._head) > LARGEST_INIT:
                raise NotFragments("more before the samples than a track needs")
            if kind == b"moov":
                self._init = Init(bytes(self._head), _timescale(box))
                yield self._init

    def _samples(self, moof: bytes, payload: bytes, offset: int) -> Iterator[Sample]:
        traf = _one(moof, b"traf", _HEAD)
        defaults = _TrackDefaults.of(_one(traf, b"tfhd", _HEAD))
        tfdt = _one(traf, b"tfdt", _HEAD)
        dts = (_u64(tfdt, 12) if tfdt[8] else _u32(tfdt, 12)) - offset
        at = 0
        for run in _run(_one(traf, b"trun", _HEAD), defaults):
            data = payload[at : at + run.size]
            if len(data) != run.size:
                raise NotFragments("a sample that is cut off")
            yield Sample(dts, dts + run.shown_later, not run.flags & _NOT_SYNC, data)
            dts, at = dts + run.duration, at + run.size


@dataclass(frozen=True, slots=True)
class _TrackDefaults:
    duration: int
    size: int
    flags: int

    @classmethod
    def of(cls, tfhd: bytes) -> _TrackDefaults:
        flags, at = int.from_bytes(tfhd[9:12], "big"), 16
        at += 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2)
        found = []
        for bit in (0x8, 0x10, 0x20):
            found.append(_u32(tfhd, at) if flags & bit else 0)
            at += 4 * bool(flags & bit)
        return cls(*found)


@dataclass(frozen=True, slots=True)
class _Entry:
    duration: int
    size: int
    flags: int
    shown_later: int


def _run(trun: bytes, defaults: _TrackDefaults) -> Iterator[_Entry]:
    flags, count, at = int.from_bytes(trun[9:12], "big"), _u32(trun, 12), 16
    at += 4 * bool(flags & 0x1)
    first_flags = _u32(trun, at) if flags & 0x4 else None
    at += 4 * bool(flags & 0x4)
    later = ">i" if trun[8] else ">I"
    for number in range(count):
        values = [defaults.duration, defaults.size, defaults.flags]
        for place, bit in enumerate((0x100, 0x200, 0x400)):
            if flags & bit:
                values[place], at = _u32(trun, at), at + 4
        shown_later = 0
        if flags & 0x800:
            shown_later, at = int(struct.unpack_from(later, trun, at)[0]), at + 4
        if number == 0 and first_flags is not None:
            values[2] = first_flags
        yield _Entry(values[0], values[1], values[2], shown_later)


def segment(number: int, samples: Sequence[Sample], timescale: int, *, begins: int, ends: int) -> bytes:
    """Samples of one track, in the order of decoding, until the next segment's is decoded at `ends`; from
    `begins` on if there are none."""
    rows = bytearray()
    for place, sample in enumerate(samples):
        after = samples[place + 1].dts if place + 1 < len(samples) else ends
        rows += struct.pack(
            ">IIII",
            max(1, after - sample.dts),
            len(sample.data),
            _SYNC_FLAGS if sample.is_sync else _OTHER_FLAGS,
            max(0, sample.pts - sample.dts),
        )
    first = samples[0].dts if samples else begins
    moof = _moof(number, max(0, first + SHIFT_S * timescale), len(samples), bytes(rows))
    return moof + _box(b"mdat", b"".join(sample.data for sample in samples))


def _moof(number: int, begins: int, count: int, rows: bytes) -> bytes:
    def made(data_offset: int) -> bytes:
        traf = (
            _box(b"tfhd", struct.pack(">II", 0x020000, 1))
            + _box(b"tfdt", struct.pack(">IQ", 0x01000000, begins))
            + _box(b"trun", struct.pack(">IIi", 0x00000F01, count, data_offset) + rows)
        )
        return _box(b"moof", _box(b"mfhd", struct.pack(">II", 0, number + 1)) + _box(b"traf", traf))

    return made(len(made(0)) + _HEAD)


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", len(payload) + _HEAD, kind) + payload


def _one(parent: bytes, kind: bytes, at: int) -> bytes:
    """The first box of that kind right inside `parent`, whose own head ends at `at`."""
    while at + _HEAD <= len(parent):
        size = _u32(parent, at)
        if size < _HEAD:
            break
        if parent[at + 4 : at + _HEAD] == kind:
            return parent[at : at + size]
        at += size
    raise NotFragments("a box that is missing")


def _timescale(moov: bytes) -> int:
    mdhd = _one(_one(_one(moov, b"trak", _HEAD), b"mdia", _HEAD), b"mdhd", _HEAD)
    timescale = _u32(mdhd, 28 if mdhd[8] else 20)
    if not timescale:
        raise NotFragments("a track without a measure of time")
    return timescale


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "big")

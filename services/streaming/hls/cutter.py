"""Samples gathered into segments as they come. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from services.streaming.hls.boxes import Sample, segment
from services.streaming.hls.cuts import MOST_BYTES, Cuts
from services.streaming.hls.errors import FilmUnreadable

_SAMPLE_BYTES: Final = 256
"""What one takes besides its data."""


@dataclass(frozen=True, slots=True)
class Segment:
    number: int
    data: bytes = field(repr=False)


class Cutter:
    """`first` is the first segment that is wanted. A segment ends where a picture that stands alone is behind
    its cut; one in which none begins is empty, and told as such, so that all of them can be asked for.

    A film may say that it has pictures that stand alone where it has none: what is held is bounded."""

    def __init__(self, cuts: Cuts, first: int, timescale: int) -> None:
        self._cuts = cuts
        self._timescale = timescale
        self._number = first
        self._samples: list[Sample] = []
        self._held_bytes = 0

    def add(self, sample: Sample) -> Iterator[Segment]:
        """Raises FilmUnreadable."""
        number = self._cuts.of(sample.pts / self._timescale)
        if sample.is_sync and number > self._number:
            yield from self._until(number, ends=sample.dts)
        if self._samples or (sample.is_sync and number == self._number):
            self._samples.append(sample)
            self._held_bytes += len(sample.data) + _SAMPLE_BYTES
            if self._held_bytes > MOST_BYTES:
                raise FilmUnreadable("This film can't be cut into parts: choose another source.")

    def end(self) -> Iterator[Segment]:
        """What was begun, once nothing more comes."""
        if not self._samples:
            return
        last = self._samples[-1]
        before = self._samples[-2] if len(self._samples) > 1 else last
        yield from self._until(self._number + 1, ends=last.dts + (last.dts - before.dts))

    def _until(self, number: int, *, ends: int) -> Iterator[Segment]:
        while self._number < number:
            begins = self._at(self._cuts.begins[self._number])
            data = segment(self._number, self._samples, self._timescale, begins=begins, ends=ends)
            yield Segment(self._number, data)
            self._samples, self._held_bytes = [], 0
            self._number += 1

    def _at(self, time_s: float) -> int:
        return round(time_s * self._timescale)

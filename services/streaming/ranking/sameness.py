"""Which sources are one file. What is not said is never taken for equal, and likeness doesn't spread.

Sure: the same address with the same headers; the same file of the same torrent. Beyond that a file is known
by its whole name, and only with another sign beside it: the same torrent, or the same size. Sizes are the
same where both were counted and are equal to the byte, or where what was written may be the same number of
bytes and was written to half a percent. All of a group fit each other, not only the one beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from services.streaming.ranking.sizes import Size
from services.streaming.ranking.understanding import Source

MOST_COMPARED: Final = 20
"""Files of one name: hardly any name has that many. Of a list made to be slow, those beyond are found by what
can be looked up, a counted size or a torrent."""

Group = list[int]
"""The places of sources that are one file, in their order."""


def groups(sources: Sequence[Source]) -> list[Group]:
    sure: dict[tuple[object, ...], _File] = {}
    for place, source in enumerate(sources):
        sure.setdefault(_certain(source), _File()).add(place, source)
    by_name: dict[tuple[str, ...], _Alike] = {}
    found: list[_File] = []
    for file in sure.values():
        if file.name:
            by_name.setdefault(file.name, _Alike()).join(file)
        else:
            found.append(file)
    for alike in by_name.values():
        found += alike.files
    return sorted(sorted(file.places) for file in found)


def _certain(source: Source) -> tuple[object, ...]:
    if source.file_index is not None:
        return ("torrent", source.info_hash, source.file_index)
    return source.stream.identity


class _File:
    """Sources that are one file, and what all of them say together, so that two of these are compared at
    once and not each source of one with each of the other."""

    __slots__ = ("high", "is_fine", "low", "name", "names_differ", "places", "sizes", "torrents")

    def __init__(self) -> None:
        self.places: Group = []
        self.name: tuple[str, ...] = ()
        self.names_differ = False
        """Its sources say several, so that it differs from whatever has one."""
        self.low, self.high = 0, 1 << 62
        """What fits the sizes of all of them is between these."""
        self.is_fine = False
        self.sizes: set[int] = set()
        """Those that were counted."""
        self.torrents: dict[str, set[int]] = {}
        """Which of their files it is said to be."""

    def add(self, place: int, source: Source) -> None:
        self.places.append(place)
        if source.file:
            self.name = self.name or source.file
            self.names_differ = self.names_differ or self.name != source.file
        if source.size is not None:
            self._sized(source.size)
        if source.info_hash:
            files = self.torrents.setdefault(source.info_hash, set())
            if source.file_index is not None:
                files.add(source.file_index)

    def _sized(self, size: Size) -> None:
        self.low, self.high = max(self.low, size.low), min(self.high, size.high)
        self.is_fine = self.is_fine or size.is_fine
        if size.is_exact:
            self.sizes.add(size.low)

    def take(self, other: _File) -> None:
        self.places += other.places
        self.names_differ = self.names_differ or other.names_differ
        self.low, self.high = max(self.low, other.low), min(self.high, other.high)
        self.is_fine = self.is_fine or other.is_fine
        self.sizes |= other.sizes
        for torrent, files in other.torrents.items():
            self.torrents.setdefault(torrent, set()).update(files)

    def signs(self) -> Iterator[int | str]:
        """By which another of its name may be found."""
        yield from self.sizes
        yield from self.torrents


class _Alike:
    """Files of one name."""

    def __init__(self) -> None:
        self.files: list[_File] = []
        self._by_sign: dict[int | str, _File] = {}

    def join(self, file: _File) -> None:
        """To those that are the same file: it may be what shows that two of them are one."""
        if len(self.files) >= MOST_COMPARED:
            self._look_up(file)
            return
        joined = file
        for other in [other for other in self.files if _is_same(other, file)]:
            if joined is file or not _differ(joined, other):
                self.files.remove(other)
                other.take(joined)
                joined = other
        self.files.append(joined)
        if len(self.files) == MOST_COMPARED:
            for each in self.files:
                self._sign(each, each)

    def _look_up(self, file: _File) -> None:
        for sign in file.signs():
            other = self._by_sign.get(sign)
            if other is not None and _is_same(other, file):
                self._sign(other, file)
                other.take(file)
                return
        self._sign(file, file)
        self.files.append(file)

    def _sign(self, file: _File, by: _File) -> None:
        for sign in by.signs():
            self._by_sign.setdefault(sign, file)


def _is_same(one: _File, other: _File) -> bool:
    if _differ(one, other):
        return False
    return (one.is_fine and other.is_fine) or not one.torrents.keys().isdisjoint(other.torrents.keys())


def _differ(one: _File, other: _File) -> bool:
    """Whether any of one can't be the same as any of the other."""
    if one.low > other.high or other.low > one.high or one.names_differ or other.names_differ:
        return True
    for torrent in one.torrents.keys() & other.torrents.keys():
        ours, theirs = one.torrents[torrent], other.torrents[torrent]
        if ours and theirs and len(ours | theirs) > 1:
            return True
    return False

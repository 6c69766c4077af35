"""How a large file is read by a process of its own: from standard input to standard output, as lines of JSON.

A line of rows is an array; an object between them says how far it is, and the last one how it ended. Reading
takes a processor from ten seconds to a minute, for which nothing else in the hub's process should wait.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, Protocol, TypeVar

import msgspec

PIECE_BYTES = 64 * 1024
NICENESS = 5
"""Players come first."""
MOST_BYTES = 1024**3
"""What a file that was made to take all memory gets of it: a list of a million entries takes a fifth."""
MOST_CPU_S = 3600
"""The largest guide that is fetched takes a slow machine half of it."""

BrokenT = TypeVar("BrokenT", bound=Exception)


class Counting(Protocol):
    """A reader, as far as it is looked at here."""

    @property
    def seen(self) -> int: ...


def give_way() -> None:
    """To be called by such a process before it reads."""
    os.nice(NICENESS)
    _limit(resource.RLIMIT_AS, MOST_BYTES)
    _limit(resource.RLIMIT_CPU, MOST_CPU_S)


def _limit(what: int, most: int) -> None:
    _, allowed = resource.getrlimit(what)
    if allowed == resource.RLIM_INFINITY or allowed > most:
        resource.setrlimit(what, (most, most))


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece


def tell(
    reader: Counting,
    batches: Iterable[Sequence[object]],
    tally: Callable[[bool, BrokenT | None], msgspec.Struct],
    out: BinaryIO,
    *,
    broken: type[BrokenT],
    every_rows: int,
) -> None:
    """Writes the batches that `reader` makes, and each so many rows its tally.

    Ends with a tally that is done, whatever is wrong with the file: `broken` is what the reader raises then.
    """
    encode, told = msgspec.json.Encoder().encode, 0

    def put(value: object) -> None:
        out.write(encode(value) + b"\n")

    error: BrokenT | None = None
    try:
        for rows in batches:
            if rows:
                put(rows)
            if reader.seen - told >= every_rows:
                told = reader.seen
                put(tally(False, None))
                out.flush()
    except broken as found:
        error = found
    put(tally(True, error))
    out.flush()

"""A data set from standard input to standard output, as lines of JSON: `python -m libs.protocols.imdb NAME`.

A line of rows is an array; an object between them says how far it is, and the last one how it ended. Reading
10 million rows takes a processor some ten seconds, for which nothing else in the hub's process should wait.

With a second argument, that many bytes in front of the file are an IdSet: only rows of its titles are wanted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import msgspec

from libs.protocols.imdb.errors import DataSetBroken
from libs.protocols.imdb.ids import IdSet
from libs.protocols.imdb.reading import Reader
from libs.protocols.imdb.rows import DATA_SETS, Row
from libs.protocols.imdb.tally import Tally

PIECE_BYTES = 64 * 1024
TOLD_EVERY_ROWS = 100_000
NICENESS = 5
"""Players come first."""


def read(reader: Reader, packed: BinaryIO, out: BinaryIO) -> None:
    """Ends with a Tally that is done, whatever is wrong with the file."""
    encode, told = msgspec.json.Encoder().encode, 0

    def put(value: Sequence[Row] | Tally) -> None:
        out.write(encode(value) + b"\n")

    error: DataSetBroken | None = None
    try:
        for rows in _batches(reader, packed):
            if rows:
                put(rows)
            if reader.seen - told >= TOLD_EVERY_ROWS:
                told = reader.seen
                put(_tally(reader))
                out.flush()
    except DataSetBroken as broken:
        error = broken
    put(_tally(reader, done=True, error=error))
    out.flush()


def _batches(reader: Reader, packed: BinaryIO) -> Iterable[list[Row]]:
    while piece := packed.read(PIECE_BYTES):
        yield from reader.feed(piece)
    yield reader.finish()


def _tally(reader: Reader, *, done: bool = False, error: DataSetBroken | None = None) -> Tally:
    return Tally(
        done=done,
        seen=reader.seen,
        kept=reader.kept,
        outside=reader.outside,
        skipped=dict(reader.skipped),
        noted=dict(reader.noted),
        spoilt=tuple(reader.spoilt) if done else (),
        broken=None if error is None else error.reason,
        sentence="" if error is None else str(error),
    )


def main(name: str, among_bytes: int | None) -> None:
    os.nice(NICENESS)
    data_set = next(one for one in DATA_SETS.values() if one.name == name)
    among = None if among_bytes is None else IdSet(sys.stdin.buffer.read(among_bytes))
    read(Reader(data_set, among=among), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)

"""A guide from standard input to standard output, as lines of JSON: `python -m libs.protocols.xmltv`.

A line of rows is an array; an object between them says how far it is, and the last one how it ended. A large
guide takes a processor a minute, for which nothing else in the hub's process should wait.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from libs.protocols.xmltv.errors import GuideBroken
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Row
from libs.protocols.xmltv.tally import Tally

PIECE_BYTES = 64 * 1024
TOLD_EVERY_ROWS = 20_000
NICENESS = 5
"""Players come first."""


def read(reader: Reader, guide: BinaryIO, out: BinaryIO) -> None:
    """Ends with a Tally that is done, whatever is wrong with the guide."""
    encode, told = msgspec.json.Encoder().encode, 0

    def put(value: Sequence[Row] | Tally) -> None:
        out.write(encode(value) + b"\n")

    error: GuideBroken | None = None
    try:
        for rows in _batches(reader, guide):
            put(rows)
            if reader.seen - told >= TOLD_EVERY_ROWS:
                told = reader.seen
                put(_tally(reader))
                out.flush()
    except GuideBroken as broken:
        error = broken
    put(_tally(reader, done=True, error=error))
    out.flush()


def _batches(reader: Reader, guide: BinaryIO) -> Iterator[list[Row]]:
    while piece := guide.read(PIECE_BYTES):
        yield from reader.feed(piece)
    yield from reader.finish()


def _tally(reader: Reader, *, done: bool = False, error: GuideBroken | None = None) -> Tally:
    return Tally(
        done=done,
        seen=reader.seen,
        kept=reader.kept,
        skipped=dict(reader.skipped),
        noted=dict(reader.noted),
        broken=None if error is None else error.reason,
        sentence="" if error is None else str(error),
    )


def main() -> None:
    os.nice(NICENESS)
    read(Reader(), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()

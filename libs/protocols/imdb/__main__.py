"""A data set to lines of JSON, as `libs.protocols.apart` says: `python -m libs.protocols.imdb NAME`.

With a second argument, that many bytes in front of the file are an IdSet: only rows of its titles are wanted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

from libs.protocols import apart
from libs.protocols.imdb.errors import DataSetBroken
from libs.protocols.imdb.ids import IdSet
from libs.protocols.imdb.reading import Reader
from libs.protocols.imdb.rows import DATA_SETS, Row
from libs.protocols.imdb.tally import Tally

TOLD_EVERY_ROWS = 100_000


def read(reader: Reader, packed: BinaryIO, out: BinaryIO) -> None:
    """Ends with a Tally that is done, whatever is wrong with the file."""

    def tally(done: bool, error: DataSetBroken | None) -> Tally:
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

    apart.tell(reader, _batches(reader, packed), tally, out, broken=DataSetBroken, every_rows=TOLD_EVERY_ROWS)


def _batches(reader: Reader, packed: BinaryIO) -> Iterator[list[Row]]:
    for piece in apart.pieces_of(packed):
        yield from reader.feed(piece)
    yield reader.finish()


def main(name: str, among_bytes: int | None) -> None:
    apart.give_way()
    data_set = next(one for one in DATA_SETS.values() if one.name == name)
    among = None if among_bytes is None else IdSet(sys.stdin.buffer.read(among_bytes))
    read(Reader(data_set, among=among), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)

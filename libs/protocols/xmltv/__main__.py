"""A guide to lines of JSON, as `libs.protocols.apart` says: `python -m libs.protocols.xmltv`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

from libs.protocols import apart
from libs.protocols.xmltv.errors import GuideBroken
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Row
from libs.protocols.xmltv.tally import Tally

TOLD_EVERY_ROWS = 20_000


def read(reader: Reader, guide: BinaryIO, out: BinaryIO) -> None:
    """Ends with a Tally that is done, whatever is wrong with the guide."""

    def tally(done: bool, error: GuideBroken | None) -> Tally:
        return Tally(
            done=done,
            seen=reader.seen,
            kept=reader.kept,
            skipped=dict(reader.skipped),
            noted=dict(reader.noted),
            broken=None if error is None else error.reason,
            sentence="" if error is None else str(error),
        )

    apart.tell(reader, _batches(reader, guide), tally, out, broken=GuideBroken, every_rows=TOLD_EVERY_ROWS)


def _batches(reader: Reader, guide: BinaryIO) -> Iterator[list[Row]]:
    for piece in apart.pieces_of(guide):
        yield from reader.feed(piece)
    yield from reader.finish()


def main() -> None:
    apart.give_way()
    read(Reader(), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()

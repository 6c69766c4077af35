"""A list of anime from standard input to standard output: `python -m libs.protocols.anime`.

Lines of JSON, each an array of rows; the last is an Outcome. Reading takes a processor some seconds at worst,
for which nothing else in the hub's process should wait.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

import msgspec

from libs.protocols.anime.errors import ListBroken
from libs.protocols.anime.outcome import Outcome
from libs.protocols.anime.reading import read_list

LINE_ROWS = 1000
NICENESS = 5
"""Players come first."""


def read(body: bytes, out: BinaryIO) -> None:
    """Ends with an Outcome, whatever is wrong with the list."""
    encode = msgspec.json.Encoder().encode
    try:
        found = read_list(body)
    except ListBroken as error:
        outcome = Outcome(broken=str(error))
    else:
        for start in range(0, len(found.ids), LINE_ROWS):
            out.write(encode(found.ids[start : start + LINE_ROWS]) + b"\n")
        outcome = Outcome(entries=found.entries, linked=found.linked, ids=len(found.ids))
    out.write(encode(outcome) + b"\n")
    out.flush()


if __name__ == "__main__":
    os.nice(NICENESS)
    read(sys.stdin.buffer.read(), sys.stdout.buffer)

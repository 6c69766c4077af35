"""`python -m services.sync.imports.reading`: a file on standard input, what it says on standard output."""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

import msgspec

from libs.common.contracts.imports import MAX_FILE_BYTES
from libs.protocols.apart import give_way
from services.sync.imports.reading.archives import read_file
from services.sync.imports.reading.gather import Gathered, Unusable
from services.sync.imports.reading.said import Line, Report

IN_MEMORY_BYTES = 1024 * 1024


@contextmanager
def whole_file(source: BinaryIO) -> Iterator[IO[bytes]]:
    """All that comes, to be read from anywhere. Raises Unusable."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
        shutil.copyfileobj(source, file)
        if file.tell() > MAX_FILE_BYTES:
            raise Unusable("It is too large.")
        file.seek(0)
        yield file


def read(source: BinaryIO, sink: BinaryIO) -> None:
    gathered = Gathered()
    try:
        with whole_file(source) as file:
            read_file(file, gathered)
        for line in gathered.lines():
            _write(sink, line)
        report = gathered.report()
    except Unusable as error:
        report = Report(problem=str(error))
    except MemoryError:
        gathered = Gathered()
        report = Report(problem="It takes more memory to be read than any file of viewing should.")
    except RecursionError:
        report = Report(problem="It is nested too deep to be read.")
    _write(sink, report)
    sink.flush()


def _write(sink: BinaryIO, line: Line) -> None:
    sink.write(msgspec.json.encode(line) + b"\n")


if __name__ == "__main__":
    gc.disable()  # rows hold no circles, and are looked through for some by every thousand otherwise
    give_way()
    read(sys.stdin.buffer, sys.stdout.buffer)

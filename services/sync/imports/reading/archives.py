"""What a file is, by what stands in it; and zip files, of which nothing ever lands on a disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from services.sync.imports.reading.entries import read_json
from services.sync.imports.reading.gather import Gathered, TooMuch, Unusable
from services.sync.imports.reading.tables import read_table

MOST_MEMBERS: Final = 1000
MOST_DIRECTORY_BYTES: Final = 1024 * 1024
MOST_INFLATED: Final = 256 * 1024 * 1024
"""Of all files in a zip file together."""
MOST_RATIO: Final = 200
RATIO_FROM_BYTES: Final = 1024 * 1024
PIECE_BYTES: Final = 256 * 1024
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
_COMMENT_BYTES: Final = 65_535
BOMB: Final = "Unpacked it would be far too large."
CUT: Final = "The zip file is damaged, or was cut off on its way. Export or copy it once more."
PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_file(file: IO[bytes], gathered: Gathered) -> None:
    """Raises Unusable."""
    start = file.read(4)
    file.seek(0)
    if not start:
        raise Unusable("It is empty.")
    if start.startswith(b"PK"):
        _read_zip(file, gathered)
    else:
        _read_text(file.read(), "", gathered)
    if not gathered.formats:
        raise Unusable("Nothing in it says anything of films or series.")


def _read_text(data: bytes, where: str, gathered: Gathered) -> None:
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first in {b"[", b"{"}:
        # A list by itself is what somebody means to bring; a whole export has more lists than the one.
        read_json(data, where, gathered, is_watchlist=not where or "watchlist" in where.lower())
    else:
        read_table(data, where, gathered)


def _read_zip(file: IO[bytes], gathered: Gathered) -> None:
    with opened(file) as archive:
        for info, data in _members(archive):
            _read_member(info.filename.rpartition("/")[2], data, gathered)


@contextmanager
def opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A stranger's zip file, of a size that can be borne by its own account. Raises Unusable, also for what
    turns out to be damaged while it is read inside."""
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            _check_sizes(archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        raise Unusable(CUT) from None
    except RuntimeError as error:
        if isinstance(error, RecursionError):
            raise
        raise Unusable("The zip file is locked with a password.") from None


def _read_member(name: str, data: bytes, gathered: Gathered) -> None:
    """One that is of no use leaves the others as they are."""
    try:
        _read_text(data, name, gathered)
    except TooMuch:
        raise
    except Unusable as error:
        gathered.unread(name, str(error))


def _check_directory(file: IO[bytes]) -> None:
    """Before anybody reads it: a directory of a million names is an attack of its own. Raises Unusable."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES))
    tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise Unusable(CUT)
    members = int.from_bytes(tail[place + 10 : place + 12], "little")
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    # A directory of the larger form says its size elsewhere: nothing that fits here needs one.
    is_larger = tail[max(0, place - _LOCATOR_BYTES) : place].startswith(_LOCATOR)
    if members > MOST_MEMBERS or directory > MOST_DIRECTORY_BYTES or is_larger:
        raise Unusable(f"The zip file has more than {MOST_MEMBERS:,} files in it.")
    file.seek(0)


def _check_sizes(archive: zipfile.ZipFile) -> None:
    """By what it says of itself. Raises TooMuch, Unusable."""
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise Unusable(f"The zip file has more than {MOST_MEMBERS:,} files in it.")
    if sum(info.file_size for info in infos) > MOST_INFLATED:
        raise TooMuch(BOMB)
    for info in infos:
        if info.file_size > max(RATIO_FROM_BYTES, MOST_RATIO * info.compress_size):
            raise TooMuch(BOMB)


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Of texts alone. What sizes say is not believed."""
    left = MOST_INFLATED
    for info in archive.infolist():
        name = info.filename.lower()
        if not name.endswith((".json", ".csv")) or name.startswith("__macosx/"):
            continue
        if info.compress_type not in PACKED:
            raise Unusable("The zip file is packed in a way that is not read here.")
        with archive.open(info) as member:
            data = _inflated(member, left)
        left -= len(data)
        yield info, data


def _inflated(member: IO[bytes], most: int) -> bytes:
    data = bytearray()
    while piece := member.read(PIECE_BYTES):
        data += piece
        if len(data) > most:
            raise TooMuch(BOMB)
    return bytes(data)

"""`python -m services.sync.moving.reading`: a file on standard input, what stands in it on standard output.

Nothing of it is believed before it was compared with the file's own manifest, and nothing lands on a disk.
"""

from __future__ import annotations

import gc
import hashlib
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Annotated, BinaryIO, Final, TypeAlias

import msgspec

from libs.common.contracts.accounts import MAX_PROFILES
from libs.common.contracts.moving import FORMAT, KINDS, LINE_BYTES
from libs.protocols.apart import give_way
from services.sync.imports.reading.__main__ import whole_file
from services.sync.imports.reading.archives import (
    BOMB,
    CUT,
    MOST_INFLATED,
    PACKED,
    opened,
)
from services.sync.imports.reading.gather import Unusable
from services.sync.moving.archive import Member
from services.sync.moving.form import FileRow, Manifest

MANIFEST: Final = "manifest.json"
MANIFEST_BYTES: Final = 256 * 1024
ROWS_BYTES: Final = 64 * 1024
"""A line of them is looked through in one go by the hub's own loop."""
_NONE: Final = "It is no file that Headgate exported, or it was cut short. Export it once more."
_CHANGED: Final = "It is not as it was exported: a part of it is damaged. Export or copy it once more."
_row = msgspec.json.Decoder(FileRow)
_manifest = msgspec.json.Decoder(Manifest)


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    manifest: Manifest


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    kind: str
    rows: tuple[FileRow, ...]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The last line. `problem`: why the file is of no use, then nothing else counts."""

    problem: str = ""


Line: TypeAlias = Begun | Rows | Ended
_Write: TypeAlias = Callable[[Line], None]


class _Version(msgspec.Struct, frozen=True):
    headgate_export: Annotated[int, msgspec.Meta(ge=1)]


def read(source: BinaryIO, sink: BinaryIO) -> None:
    def write(line: Line) -> None:
        sink.write(msgspec.json.encode(line) + b"\n")

    try:
        with whole_file(source) as file:
            _read(file, write)
        write(Ended())
    except Unusable as error:
        write(Ended(str(error)))
    except (MemoryError, RecursionError):
        write(Ended(_CHANGED))
    sink.flush()


def _read(file: IO[bytes], write: _Write) -> None:
    try:
        with opened(file) as archive:
            manifest = _checked(archive)
            write(Begun(manifest))
            by_name = {member.name: member for member in manifest.members}
            for kind in KINDS:
                member = by_name.get(f"{kind}.ndjson")
                if member is not None:
                    _read_member(archive, kind, member, write)
    except KeyError:
        raise Unusable(CUT) from None


def _checked(archive: zipfile.ZipFile) -> Manifest:
    names = archive.namelist()
    if MANIFEST not in names:
        raise Unusable(_NONE)
    if any(info.compress_type not in PACKED for info in archive.infolist()):
        raise Unusable("The zip file is packed in a way that is not read here.")
    with archive.open(MANIFEST) as member:
        text = member.read(MANIFEST_BYTES + 1)
    try:
        version = msgspec.json.decode(text, type=_Version).headgate_export
        if version != FORMAT:
            raise Unusable(
                f"It is of form {version}, and this hub reads form {FORMAT}. Update the older hub."
            )
        manifest = _manifest.decode(text)
    except msgspec.MsgspecError:
        raise Unusable(_NONE) from None
    said = [member.name for member in manifest.members]
    if sorted(names) != sorted([MANIFEST, *said]) or len(set(names)) != len(names):
        raise Unusable("What stands in it is not what its manifest says.")
    if not set(said) <= {f"{kind}.ndjson" for kind in KINDS}:
        raise Unusable("It holds a file that no export has.")
    if sum(member.size_bytes for member in manifest.members) > MOST_INFLATED:
        raise Unusable(BOMB)
    if len(manifest.profiles) > MAX_PROFILES or (manifest.credentials == "sealed") != bool(manifest.sealing):
        raise Unusable(_CHANGED)
    # As hubs keep names: another one would be looked for in vain each time, and made anew.
    if any(unicodedata.normalize("NFKC", one.name).strip() != one.name for one in manifest.profiles):
        raise Unusable(_CHANGED)
    return manifest


def _read_member(archive: zipfile.ZipFile, kind: str, said: Member, write: _Write) -> None:
    digest, rows, size_bytes, held, held_bytes = hashlib.sha256(), 0, 0, list[FileRow](), 0
    with archive.open(said.name) as member:
        for line in _lines(member):
            size_bytes += len(line)
            rows += 1
            if size_bytes > said.size_bytes or rows > said.rows:
                raise Unusable(_CHANGED)
            digest.update(line)
            try:
                held.append(_row.decode(line))
            except msgspec.MsgspecError:
                raise Unusable(_CHANGED) from None
            held_bytes += len(line)
            if held_bytes >= ROWS_BYTES:
                write(Rows(kind, tuple(held)))
                held, held_bytes = [], 0
    if (rows, size_bytes, digest.hexdigest()) != (said.rows, said.size_bytes, said.sha256):
        raise Unusable(_CHANGED)
    write(Rows(kind, tuple(held)))


def _lines(member: IO[bytes]) -> Iterator[bytes]:
    while line := member.readline(LINE_BYTES + 1):
        if len(line) > LINE_BYTES:
            raise Unusable(_CHANGED)
        yield line


if __name__ == "__main__":
    gc.disable()  # rows hold no circles, and are looked through for some by every thousand otherwise
    give_way()
    read(sys.stdin.buffer, sys.stdout.buffer)

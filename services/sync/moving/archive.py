"""A zip that is sent while it is made: one member for each kind, the manifest behind them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import IO

import msgspec


class Member(msgspec.Struct, frozen=True):
    name: str
    rows: int
    size_bytes: int
    sha256: str


class _Outgoing(io.RawIOBase):
    """Takes what the zip writes until somebody fetches it; nothing can be written twice."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # the zip gives it bytes alone
        self.held += piece
        return len(piece)


class Archive:
    def __init__(self) -> None:
        self._out = _Outgoing()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        self._file: IO[bytes] | None = None
        self._name = ""
        self._hash = hashlib.sha256()
        self._rows = self._size_bytes = 0
        self._members: list[Member] = []

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(self._members)

    def add(self, name: str, line: bytes) -> None:
        """A line of the member `name`: those of one member come one after the other."""
        if name != self._name:
            self._end_member()
            self._file, self._name = self._zip.open(name, "w"), name
        if self._file is not None:
            self._file.write(line)
        self._hash.update(line)
        self._rows += 1
        self._size_bytes += len(line)

    def take(self) -> bytes:
        """What is ready to be sent."""
        ready = bytes(self._out.held)
        self._out.held.clear()
        return ready

    def end_members(self) -> None:
        self._end_member()
        self._name = ""

    def finish(self, manifest: bytes) -> None:
        self._zip.writestr("manifest.json", manifest)
        self._zip.close()

    def _end_member(self) -> None:
        if self._file is None:
            return
        self._file.close()
        self._file = None
        self._members.append(Member(self._name, self._rows, self._size_bytes, self._hash.hexdigest()))
        self._hash, self._rows, self._size_bytes = hashlib.sha256(), 0, 0

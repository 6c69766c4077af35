"""The form of a backup: a zip whose manifest says what is in it, with sizes and checksums."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import msgspec

from libs.common.errors import StartupRefused

FORMAT = 1
KEY_MEMBER = "secret.key"
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
OWNER_ONLY = 0o600

Engine = Literal["sqlite", "postgresql"]


class Member(msgspec.Struct, frozen=True):
    """`columns` are those of a PostgreSQL table, in the order its rows have them."""

    name: str
    size_bytes: int
    sha256: str
    columns: tuple[str, ...] = ()


class Counter(msgspec.Struct, frozen=True):
    """A PostgreSQL sequence: numbers once given are not given again after a restore."""

    service: str
    name: str
    value: int
    used: bool


class Manifest(msgspec.Struct, frozen=True):
    """`versions` is the revision of each service that had tables."""

    format: int
    made_at: str
    engine: Engine
    versions: Mapping[str, str]
    members: tuple[Member, ...]
    counters: tuple[Counter, ...] = ()

    def member(self, name: str) -> Member | None:
        return next((member for member in self.members if member.name == name), None)


class Sink:
    """Where the bytes of one member go."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._size_bytes = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._size_bytes += len(data)

    def member(self, name: str, columns: tuple[str, ...]) -> Member:
        return Member(name, self._size_bytes, self._hash.hexdigest(), columns)


class Writer:
    """Members one after the other, then the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._members: list[Member] = []

    @contextmanager
    def member(self, name: str, columns: tuple[str, ...] = ()) -> Iterator[Sink]:
        with self._zip.open(_info(name), "w", force_zip64=True) as file:
            sink = Sink(file)
            yield sink
        self._members.append(sink.member(name, columns))

    def finish(
        self, engine: Engine, versions: Mapping[str, str], counters: tuple[Counter, ...], *, made_at: str
    ) -> None:
        manifest = Manifest(FORMAT, made_at, engine, versions, tuple(self._members), counters)
        self._zip.writestr(_info(MANIFEST), msgspec.json.encode(manifest))

    def close(self) -> None:
        self._zip.close()


class Archive:
    """A backup whose every byte was found to be what its manifest says."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = file
        self.manifest = manifest

    def chunks(self, member: Member) -> Iterator[bytes]:
        with self._zip.open(member.name) as file:
            while data := file.read(CHUNK_BYTES):
                yield data

    def read(self, member: Member) -> bytes:
        return b"".join(self.chunks(member))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Raises StartupRefused for a file that can't be read, is damaged or is none of ours."""
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise StartupRefused(f"There is no file {path}.") from error
    except OSError as error:
        raise StartupRefused(f"{path} can't be read ({error.strerror}).") from error
    except zipfile.BadZipFile as error:
        raise StartupRefused(f"{path} is no backup, or it was cut short: take another.") from error
    with file:
        try:
            manifest = _manifest(file)
            if manifest is not None:
                _verify(file, manifest)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            KeyError,
            NotImplementedError,
            msgspec.MsgspecError,
            RuntimeError,
        ) as error:
            raise StartupRefused(f"{path} is no backup, or it is damaged: take another.") from error
        if manifest is None:
            raise StartupRefused(f"{path} was made by a newer Headgate: restore it with that one.")
        yield Archive(file, manifest)


def _manifest(file: zipfile.ZipFile) -> Manifest | None:
    """None for a form that this program doesn't know."""
    with file.open(MANIFEST) as member:
        text = member.read(MAX_MANIFEST_BYTES)
    if msgspec.json.decode(text, type=_Form).format != FORMAT:
        return None
    return msgspec.json.decode(text, type=Manifest)


class _Form(msgspec.Struct, frozen=True):
    format: int


def _verify(file: zipfile.ZipFile, manifest: Manifest) -> None:
    for member in manifest.members:
        digest, left = hashlib.sha256(), member.size_bytes
        with file.open(member.name) as source:
            while data := source.read(CHUNK_BYTES):
                digest.update(data)
                left -= len(data)
                if left < 0:
                    break
        if left or digest.hexdigest() != member.sha256:
            raise zipfile.BadZipFile(member.name)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = OWNER_ONLY << 16
    return info

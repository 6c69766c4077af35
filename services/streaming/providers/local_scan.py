"""The folder of films read: which files there are that look like films. Blocks, so it runs in a thread.

Names are bytes here, as the system has them: any name is a name.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from services.streaming.providers.local_names import Named, named

MOST_ENTRIES: Final = 200_000
MOST_FILMS: Final = 50_000
DEEPEST: Final = 10
LONGEST_S: Final = 300.0
HEAD_BYTES: Final = 512
ID_BITS: Final = 53
"""Of the number a file is known by: as large as any program of a player takes."""

_LEFT_OUT: Final = frozenset(
    {b"@eadir", b"lost+found", b"$recycle.bin", b"extras", b"trailers", b"featurettes", b"samples", b"sample"}
)
"""Folders of what is no film."""

TYPES: Final = {
    b"3gp": "video/3gpp",
    b"avi": "video/x-msvideo",
    b"flv": "video/x-flv",
    b"m2ts": "video/mp2t",
    b"m4v": "video/mp4",
    b"mkv": "video/x-matroska",
    b"mov": "video/quicktime",
    b"mp4": "video/mp4",
    b"mpeg": "video/mpeg",
    b"mpg": "video/mpeg",
    b"ogv": "video/ogg",
    b"ts": "video/mp2t",
    b"webm": "video/webm",
    b"wmv": "video/x-ms-wmv",
}
_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_BEGIN: Final = (b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"0&\xb2u", b"FLV", b"OggS")
_SYNC: Final = 0x47

Cut = Literal["", "entries", "films", "time"]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """`id` stays while the file stays where it is below the folder; `path` is from there on."""

    id: int
    path: bytes
    size_bytes: int
    modified_ns: int
    is_film: bool
    named: Named

    @property
    def name(self) -> str:
        """For people: of one line, whatever the file is called."""
        text = os.path.basename(self.path).decode("utf-8", errors="replace")
        return "".join(letter if letter.isprintable() else " " for letter in text)

    @property
    def extension(self) -> str:
        return _extension(self.path).decode()

    @property
    def content_type(self) -> str:
        return TYPES[_extension(self.path)]


@dataclass(frozen=True, slots=True)
class Scan:
    """`cut` says which bound ended it, if one did."""

    files: tuple[LocalFile, ...]
    cut: Cut = ""


def scan(root: bytes, known: Mapping[bytes, LocalFile], *, monotonic: Callable[[], float]) -> Scan:
    """`known` are files of before by their paths: what has not changed isn't opened again.

    Raises OSError where the folder itself can't be read.
    """
    ends, entries, films = monotonic() + LONGEST_S, 0, list[LocalFile]()
    real_root = os.path.realpath(root)
    with os.scandir(real_root):
        pass
    for path, found in _walk(real_root):
        entries += 1
        if entries > MOST_ENTRIES:
            return Scan(tuple(films), "entries")
        if monotonic() > ends:
            return Scan(tuple(films), "time")
        if found is None:
            continue
        file = _file(real_root, path, found, known.get(path))
        if file is not None:
            films.append(file)
        if len(films) >= MOST_FILMS:
            return Scan(tuple(films), "films")
    return Scan(tuple(films))


def file_id(path: bytes) -> int:
    digest = hashlib.blake2b(path, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - ID_BITS)


def real_path(root: bytes, path: bytes) -> bytes | None:
    """Where that file really is; None if it is gone, is no plain file, or a link that leads out."""
    real_root = os.path.realpath(root)
    real = os.path.realpath(os.path.join(real_root, path))
    try:
        inside = os.path.commonpath((real_root, real)) == real_root
        return real if inside and stat.S_ISREG(os.stat(real, follow_symlinks=False).st_mode) else None
    except (OSError, ValueError):
        return None


def open_inside(root: bytes, path: bytes) -> BinaryIO:
    """That file, where it really is. Raises OSError, also where it is no plain file, or a link leads out."""
    real = real_path(root, path)
    if real is None:
        raise FileNotFoundError(errno.ENOENT, "no plain file in the folder")
    return open_real(root, real)


def open_real(root: bytes, real: bytes) -> BinaryIO:
    """What `real_path` told, followed by no link: a part of the way may have become one since."""
    *folders, name = os.path.relpath(real, os.path.realpath(root)).split(b"/")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            above, here = here, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(above)
        # A pipe is not waited for.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise FileNotFoundError(errno.ENOENT, "no plain file any more")


def _walk(root: bytes) -> Iterator[tuple[bytes, os.stat_result | None]]:
    """Everything below in a set order, each folder once: its path from there, and what a film may be."""
    top = os.stat(root)
    waiting, seen = [(b"", 0)], {(top.st_dev, top.st_ino)}
    while waiting:
        below, depth = waiting.pop()
        folders = []
        for name in _names(os.path.join(root, below)):
            path = os.path.join(below, name)
            state = _state(root, path)
            if state is None or name.startswith(b"."):
                yield path, None
            elif stat.S_ISDIR(state.st_mode):
                place = (state.st_dev, state.st_ino)
                if depth < DEEPEST and place not in seen and name.lower() not in _LEFT_OUT:
                    seen.add(place)
                    folders.append((path, depth + 1))
                yield path, None
            else:
                is_plain = stat.S_ISREG(state.st_mode) and state.st_size > 0
                yield path, state if is_plain and _extension(path) in TYPES else None
        waiting.extend(reversed(folders))


def _names(folder: bytes) -> list[bytes]:
    try:
        with os.scandir(folder) as entries:
            names = []
            for entry in entries:
                names.append(entry.name)
                if len(names) > MOST_ENTRIES:
                    break
    except OSError:
        return []
    return sorted(names)


def _state(root: bytes, path: bytes) -> os.stat_result | None:
    whole = os.path.join(root, path)
    try:
        state = os.stat(whole, follow_symlinks=False)
        if not stat.S_ISLNK(state.st_mode):
            return state
        real = os.path.realpath(whole)
        if os.path.commonpath((root, real)) != root:
            return None
        return os.stat(real, follow_symlinks=False)
    except (OSError, ValueError):
        return None


def _file(root: bytes, path: bytes, state: os.stat_result, before: LocalFile | None) -> LocalFile | None:
    if before is not None and (before.size_bytes, before.modified_ns) == (state.st_size, state.st_mtime_ns):
        return before
    head = _head(root, path)
    if head is None:
        return None
    stem, _, _ = path.rpartition(b".")
    parts = [part.decode("utf-8", errors="replace") for part in stem.split(b"/")]
    return LocalFile(file_id(path), path, state.st_size, state.st_mtime_ns, is_film(head), named(parts))


def _head(root: bytes, path: bytes) -> bytes | None:
    try:
        # What turns out to be a pipe must not be waited for.
        descriptor = os.open(os.path.join(root, path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.read(descriptor, HEAD_BYTES)
        finally:
            os.close(descriptor)
    except OSError:
        return None


def is_film(head: bytes) -> bool:
    """Whether a file begins as one of those that players know."""
    if head.startswith(_BEGIN) or head[4:8] in _BOXES:
        return True
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return True
    # Packets of 188 bytes, of which discs have each behind a time of four.
    return any(
        len(head) > last and head[first] == head[last] == _SYNC for first, last in ((0, 188), (4, 196))
    )


def _extension(path: bytes) -> bytes:
    return os.path.basename(path).rpartition(b".")[2].lower()

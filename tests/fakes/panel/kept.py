"""Lists written to files once, so that whoever measures a client doesn't wait for rows to be made."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import KINDS, Kind

READ_BYTES = 262_144


def write(folder: Path, library: Library) -> None:
    for kind in KINDS:
        path = _path(folder, library, kind)
        if not path.exists():
            made = path.with_suffix(".new")
            with made.open("wb") as out:
                out.writelines(library.json(kind))
            made.replace(path)


def chunks(folder: Path, library: Library, kind: Kind) -> Iterator[bytes]:
    """What `write` has written of this library, or what it would have."""
    path = _path(folder, library, kind)
    if not path.exists():
        yield from library.json(kind)
        return
    with path.open("rb") as file:
        while chunk := file.read(READ_BYTES):
            yield chunk


def _path(folder: Path, library: Library, kind: Kind) -> Path:
    return folder / f"{kind}-{sha256(repr(library).encode()).hexdigest()[:16]}.json"

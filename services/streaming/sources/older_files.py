"""Files of older forms that somebody put where the hub looks once: `ACCOUNT/PROFILE/*.json` in one folder."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.streaming.viewing_model import Owner

MAX_FILES: Final = 200
MAX_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OlderFile:
    """`name` is another after the file has changed."""

    name: str
    owner: Owner
    path: Path


class OlderFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def found(self) -> list[OlderFile]:
        """Those that are files themselves: no link leads out of the folder. Raises OSError."""
        if not self._folder.is_dir():
            return []
        files = list[OlderFile]()
        for path in sorted(self._folder.glob("*/*/*.json")):
            parents = (path.parent, path.parent.parent)
            at = path.lstat()
            if stat.S_ISREG(at.st_mode) and not any(parent.is_symlink() for parent in parents):
                owner = Owner(path.parent.parent.name, path.parent.name)
                place = path.relative_to(self._folder)
                files.append(OlderFile(f"{place}:{at.st_size}:{at.st_mtime_ns}", owner, path))
        return files[:MAX_FILES]

    def read(self, file: OlderFile) -> bytes:
        """Raises OSError."""
        number = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW)
        with open(number, "rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise OSError(f"larger than {MAX_BYTES // 1024**2} MB")
        return content

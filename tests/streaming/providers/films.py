"""Files that begin as films do."""

from __future__ import annotations

import os
from pathlib import Path

MKV = b"\x1aE\xdf\xa3" + bytes(range(256)) * 40
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 40
TS = (b"G" + bytes(187)) * 4


def put(folder: Path, path: str | bytes, content: bytes = MKV) -> None:
    whole = os.path.join(os.fsencode(folder), os.fsencode(path))
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    with open(whole, "wb") as file:
        file.write(content)

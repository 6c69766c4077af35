"""Saved payloads: one file per oddity, named after it."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "payloads"


def payload(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()

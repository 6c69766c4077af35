"""Addresses of pictures as providers tell them, of which players and pages get only what leads to one."""

from __future__ import annotations

from typing import Final

_SCHEMES: Final = ("http://", "https://")


def picture_of(text: str) -> str:
    """Nothing for what is no address of the web: scripts, files, pictures that stand in the text itself."""
    return text if text.startswith(_SCHEMES) or text[:8].lower().startswith(_SCHEMES) else ""

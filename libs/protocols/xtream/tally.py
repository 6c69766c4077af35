"""How the reading of a list went."""

from __future__ import annotations

from msgspec import Struct


class Tally(Struct, frozen=True, kw_only=True):
    """`kept` of `seen` entries are rows; `skipped` counts the others by reason."""

    seen: int = 0
    kept: int = 0
    skipped: dict[str, int] = {}

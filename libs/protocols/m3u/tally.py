"""How the reading of a list went."""

from __future__ import annotations

import msgspec


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of `seen` entries can be used; `skipped` counts the others by reason, `noted` remarks about the
    rest of the list."""

    seen: int = 0
    kept: int = 0
    skipped: dict[str, int] = {}
    noted: dict[str, int] = {}

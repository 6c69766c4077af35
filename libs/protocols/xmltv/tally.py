"""How the reading of a guide went."""

from __future__ import annotations

import msgspec


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of `seen` rows could be used; `skipped` counts the others by reason, `noted` remarks about those
    kept. `broken` is why the guide isn't whole, with a sentence for people."""

    done: bool = False
    seen: int = 0
    kept: int = 0
    skipped: dict[str, int] = {}
    noted: dict[str, int] = {}
    broken: str | None = None
    sentence: str = ""

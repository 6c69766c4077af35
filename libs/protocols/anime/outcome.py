"""How the reading of a list went."""

from __future__ import annotations

import msgspec


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`linked` of `entries` have a title at IMDb, under `ids` ids; `broken` says why none may be used."""

    entries: int = 0
    linked: int = 0
    ids: int = 0
    broken: str = ""

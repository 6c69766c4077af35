"""What auth removed, for the services that hold something of it: they have no way to know by themselves."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is gone, or one profile of an account that is still there."""

    id: str
    account_id: str
    profile_id: str | None = None
    at: datetime


class Removals(msgspec.Struct, frozen=True):
    """Oldest first."""

    items: tuple[Removal, ...]


class RemovalsDone(msgspec.Struct, frozen=True):
    """The removals that everybody has followed."""

    ids: tuple[str, ...]

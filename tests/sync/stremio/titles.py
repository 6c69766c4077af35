"""Titles of a library at Stremio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.protocols.stremio_api.watched import write_watched
from tests.fakes.stremio_api import Account, library_item

EARLY = "2026-09-28T18:26:29.322320491Z"
EARLY_MS = 1790619989322
IDS = [f"tt7:{season}:{number}" for season in (1, 2) for number in (1, 2, 3)]


def put(account: Account, *items: dict[str, Any]) -> None:
    account.library |= {item["_id"]: item for item in items}


def show(title_id: str, seen: Sequence[str], ids: Sequence[str], **state: Any) -> dict[str, Any]:
    watched = write_watched(set(seen), ids)
    return library_item(title_id, "series", changed=EARLY, watched=watched, **state)

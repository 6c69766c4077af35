"""What is kept of a file that is brought from another hub: what stands in it, and what became of that."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Literal

import msgspec

from libs.common.contracts.moving import MovedRow, Taken, TakenCounts
from libs.common.secrets import SecretBox, SecretsError
from services.sync.moving.form import FileRow, ProfileRow
from services.sync.store.imports import StoredImport

OF_ACCOUNT = frozenset({"tmdb_keys"})
"""Kinds that no profile has for itself."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """`new`: of the profiles those that were not here when it was read."""

    made_at: datetime
    credentials: Literal["left_out", "sealed"]
    profiles: tuple[ProfileRow, ...]
    new: frozenset[str] = frozenset()
    preview: dict[str, TakenCounts] = {}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`profiles`: by their ids in the file theirs here. `taken`: by service what it made of its part."""

    profiles: dict[str, str] = {}
    taken: dict[str, Taken] = {}

    def result(self) -> dict[str, TakenCounts]:
        return {kind: counts for taken in self.taken.values() for kind, counts in taken.kinds.items()}

    def ids(self) -> dict[str, str]:
        return {here: there for taken in self.taken.values() for here, there in taken.ids.items()}


def read_of(held: StoredImport) -> Read:
    return msgspec.json.decode(held.body, type=Read)


def told_of(held: StoredImport) -> Told:
    return msgspec.json.decode(held.told, type=Told)


def text_of(value: Read | Told) -> str:
    return msgspec.json.encode(value).decode()


def sealed_again(box: SecretBox, import_id: str, secret: str) -> str:
    return base64.b64encode(box.seal(secret.encode(), context=_context(import_id))).decode()


def moved_row(
    box: SecretBox, import_id: str, kind: str, row: FileRow, profiles: dict[str, str]
) -> MovedRow | None:
    """The row as it is handed over; None of a profile that the file does not name."""
    body = {name: value for name, value in row.row.items() if name != "account_id"}
    if kind not in OF_ACCOUNT:
        profile_id = profiles.get(str(body.get("profile_id", "")))
        if profile_id is None:
            return None
        body["profile_id"] = profile_id
    return MovedRow(
        kind=kind, body=body, has_secret=bool(row.credentials), secret=_opened(box, import_id, row.sealed)
    )


def _opened(box: SecretBox, import_id: str, sealed: str) -> str:
    """Nothing where the hub's own secret has changed since: then its credentials are missing."""
    if not sealed:
        return ""
    try:
        return box.open(base64.b64decode(sealed), context=_context(import_id)).decode()
    except (SecretsError, ValueError):
        return ""


def _context(import_id: str) -> str:
    return f"import_rows:body:{import_id}"

"""Entries as addons would list them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from services.catalog.identity.entry import Entry, Key, read_entry


def entry(
    id_: str, name: str = "", year: int | str | None = None, type_: str = "movie", **more: object
) -> Entry:
    meta = {"id": id_, "type": type_, "name": name, **more}
    return read_entry(msgspec.json.encode(meta if year is None else meta | {"releaseInfo": year}))


def with_members(members: Mapping[str, object]) -> Entry:
    """An entry whose own id says nothing."""
    return read_entry(msgspec.json.encode({"id": "own:1", "type": "movie", **members}))


def key(id_: str, kind: str = "movie") -> Key:
    return kind, id_

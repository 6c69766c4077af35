"""Entries as addons would list them."""

from __future__ import annotations

import msgspec

from services.catalog.identity.entry import Entry, Key, read_entry


def entry(
    id_: str, name: str = "", year: int | str | None = None, type_: str = "movie", **more: object
) -> Entry:
    meta = {"id": id_, "type": type_, "name": name, **more}
    return read_entry(msgspec.json.encode(meta if year is None else meta | {"releaseInfo": year}))


def key(id_: str, kind: str = "movie") -> Key:
    return kind, id_

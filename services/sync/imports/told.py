"""What is kept of an import as JSON: what was read, and what became of it."""

from __future__ import annotations

import msgspec

from libs.common.contracts.imports import ImportResult
from libs.common.contracts.viewing_handover import Part, ToldCounts
from services.sync.imports.reading.said import Report
from services.sync.store.imports import StoredImport


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """`known_titles` is None where nobody could say it. `without_room`: see ImportView."""

    report: Report
    known_titles: int | None = None
    without_room: int = 0


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What streaming said of each part that it has been told."""

    parts: dict[Part, ToldCounts] = {}
    unknown_shows: int = 0

    def result(self) -> ImportResult | None:
        if not self.parts:
            return None
        each = self.parts.values()
        return ImportResult(
            added=sum(one.added for one in each),
            changed=sum(one.changed for one in each),
            unchanged=sum(one.unchanged for one in each),
            kept=sum(one.kept for one in each),
            refused=sum(one.refused for one in each),
            unknown_shows=self.unknown_shows,
        )


def read_of(held: StoredImport) -> Read:
    return msgspec.json.decode(held.body, type=Read)


def told_of(held: StoredImport) -> Told:
    return msgspec.json.decode(held.told, type=Told)


def text_of(value: Read | Told) -> str:
    return msgspec.json.encode(value).decode()

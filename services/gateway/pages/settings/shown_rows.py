"""The rows of a profile as their page lists them, and which of them is meant by an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from libs.common.contracts.rows import ManifestReport, RowKind, RowName, RowView
from libs.common.errors import NotFound
from services.gateway.pages.draw import BarPart, bar
from services.gateway.pages.home import type_word

TIGHT: Final = 0.97
"""Share of the budget from which the bar warns."""
KINDS: Final[tuple[RowKind, ...]] = ("catalog", "addon_catalog")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """`place` counts from 1 among the rows of its kind that stand by themselves."""

    row: RowView
    place: int
    is_last: bool
    members: tuple[RowView, ...]

    @property
    def key(self) -> str:
        return row_key(self.row)

    @property
    def is_merged(self) -> bool:
        return self.row.mode is not None

    @property
    def may_be_merged(self) -> bool:
        return self.row.kind == "catalog" and self.row.on_board and not self.is_merged

    @property
    def may_be_searched(self) -> bool:
        """Whether searching can be switched: a row for nothing else is hidden instead."""
        return self.row.can_search and not any(
            extra.required and extra.name == "search" for extra in self.row.extras
        )

    @property
    def facts(self) -> tuple[str, ...]:
        row = self.row
        named = row.name != row.own_name and not self.is_merged
        return tuple(
            filter(
                None,
                (
                    type_word(row.type),
                    row.addon_name,
                    f"calls itself {row.own_name}" if named and row.own_name else "",
                    "searched" if row.searchable else "",
                ),
            )
        )


@dataclass(frozen=True, slots=True)
class ShownRows:
    """Rows of titles, and lists of addons, which stand after them in every player."""

    titles: tuple[ShownRow, ...]
    addons: tuple[ShownRow, ...]


def row_key(row: RowView | RowName) -> str:
    """A row in an address and as an element's id: no part of it holds a slash or a space."""
    return f"{row.kind}/{quote(row.type, safe='')}/{quote(row.id, safe='')}"


def row_named(kind: str, type_: str, row_id: str) -> RowName:
    """Raises NotFound."""
    for known in KINDS:
        if kind == known:
            return RowName(type_, row_id, known)
    raise NotFound("There is no such kind of row.")


def row_of_key(key: str) -> RowName:
    """Raises NotFound for what `row_key` never made."""
    parts = [unquote(part) for part in key.split("/")]
    if len(parts) != 3:
        raise NotFound("There is no such row.")
    return row_named(*parts)


def shown_rows(report: ManifestReport) -> ShownRows:
    titles, addons = (_shown(report.rows, kind) for kind in KINDS)
    return ShownRows(titles, addons)


def _shown(rows: Sequence[RowView], kind: RowKind) -> tuple[ShownRow, ...]:
    standing = [row for row in rows if row.kind == kind and row.part_of is None]
    return tuple(
        ShownRow(row, place, place == len(standing), _members(rows, row))
        for place, row in enumerate(standing, start=1)
    )


def _members(rows: Iterable[RowView], merged: RowView) -> tuple[RowView, ...]:
    by_name = {RowName(row.type, row.id, row.kind): row for row in rows}
    return tuple(by_name[name] for name in merged.rows if name in by_name)


def position_of(report: ManifestReport, moved: RowName, place: int) -> int:
    """The place among all rows, members of merged ones counted, where the row of that shown place stands.

    A place beyond the first or the last row is theirs. Raises NotFound when the row itself is gone.
    """
    standing = [
        (position, RowName(row.type, row.id, row.kind))
        for position, row in enumerate(report.rows)
        if row.kind == moved.kind and row.part_of is None
    ]
    if moved not in (name for _, name in standing):
        raise NotFound("This row is no longer there.")
    return standing[min(max(place, 1), len(standing)) - 1][0]


def place_of(report: ManifestReport, name: RowName) -> int:
    """Raises NotFound."""
    for each in _shown(report.rows, name.kind):
        if (each.row.type, each.row.id) == (name.type, name.id):
            return each.place
    raise NotFound("This row is no longer there.")


def squeezed(report: ManifestReport) -> int:
    """How many rows the budget left without their choices, or left out."""
    return sum(row.state in ("choices_dropped", "left_out") for row in report.rows)


def is_tight(report: ManifestReport) -> bool:
    return report.size_bytes > TIGHT * report.budget_bytes or squeezed(report) > 0


def budget_bar(report: ManifestReport) -> tuple[BarPart, ...]:
    """What each addon's rows take of the budget; the head of the manifest is the first piece."""
    taken: dict[str, int] = {}
    for row in report.rows:
        if row.state in ("shown", "choices_dropped"):
            taken[row.addon_name] = taken.get(row.addon_name, 0) + row.size_bytes
    head = max(0, report.size_bytes - sum(taken.values()))
    return bar([("Description", head), *taken.items()], report.budget_bytes)

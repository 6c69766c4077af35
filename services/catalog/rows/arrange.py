"""The rows that an owner's addons offer, as the owner arranged them. Pure.

Rows with a place stand in the order of their places, the others after them in the order of addons and
manifests. A merged row without a place stands where its first member would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from libs.common.contracts.rows import MAX_ROW_NAME_CHARS, RowState
from libs.protocols.stremio.manifest import Catalog, ExtraProperty
from services.catalog.listing import Listed
from services.catalog.model import (
    Arrangement,
    MergedRow,
    RowChoice,
    RowKey,
    merged_id,
    merged_row_id,
)
from services.catalog.rows.row import AnyRow, Row, RowOfSeveral

NOT_CHOSEN = RowChoice()
LEFT_TO_THE_ADDON = "date"
"""Programmes of one day can't be mixed with rows that know no days."""


def arranged(addons: Iterable[Listed], arrangement: Arrangement) -> list[AnyRow]:
    """Catalogs in their owner's order, addon catalogs after all of them."""
    rows = _offered(addons, arrangement)
    merged = _merged(rows, arrangement.merged)
    taken = {member.key: member for each in merged for member in each.members}
    first = {each.members[0].key: each for each in merged if each.members}
    ordered: list[AnyRow] = []
    for row in rows:
        if row.key in first:
            ordered.append(first[row.key])
        ordered.append(taken.get(row.key, row))
    ordered += (each for each in merged if not each.members)
    return _named([replace(row, state=_state(row)) for row in sorted(ordered, key=_place)])


def _offered(addons: Iterable[Listed], arrangement: Arrangement) -> list[Row]:
    found: list[Row] = []
    for addon in addons:
        for kind, catalogs in (
            ("catalog", addon.manifest.catalogs),
            ("addon_catalog", addon.manifest.addon_catalogs),
        ):
            for catalog in filter(_reachable, catalogs):
                key = RowKey(addon.id, kind, catalog.type, catalog.id)
                found.append(_row(key, addon, catalog, arrangement.choices.get(key, NOT_CHOSEN)))
    return found


def _row(key: RowKey, addon: Listed, catalog: Catalog, choice: RowChoice) -> Row:
    own = catalog
    if not choice.searchable:
        kept = (extra for extra in catalog.extra if extra.name != "search" or extra.required)
        own = replace(catalog, extra=tuple(kept))
    return Row(
        key=key,
        addon=addon,
        own=own,
        shown=replace(
            own,
            id=merged_id(addon.key, own.id),
            extra=_paged(own.extra) if key.kind == "catalog" else own.extra,
        ),
        choice=choice,
        can_search=catalog.declares("search"),
    )


def _reachable(catalog: Catalog) -> bool:
    """A path can't hold control characters, nor a type of dots alone."""
    controls = any(letter < " " or letter == "\x7f" for letter in catalog.type + catalog.id)
    return not controls and catalog.type not in (".", "..")


def _paged(extra: tuple[ExtraProperty, ...]) -> tuple[ExtraProperty, ...]:
    """Every row can be paged, since long answers are cut into pages here."""
    if any(declared.name == "skip" for declared in extra):
        return extra
    return (*extra, ExtraProperty("skip"))


def _merged(rows: Sequence[Row], stored: Iterable[MergedRow]) -> list[RowOfSeveral]:
    """Merged rows with the members that there are. One that came to need an extra stands by itself again."""
    by_key = {row.key: row for row in rows}
    found = []
    for each in stored:
        id_ = merged_row_id(each.key)
        there = (by_key[key] for key in each.members if key in by_key)
        members = tuple(replace(row, part_of=id_) for row in there if row.on_board)
        own = Catalog(
            type=each.type,
            id=id_,
            name=each.choice.name,
            extra=_paged(_united(members, each.choice)),
        )
        found.append(RowOfSeveral(stored=each, members=members, own=own, shown=own))
    return found


def _united(members: Iterable[Row], choice: RowChoice) -> tuple[ExtraProperty, ...]:
    """What at least one member takes. Who is asked is decided by what each of them takes."""
    united: dict[str, ExtraProperty] = {}
    for member in members:
        for extra in member.own.extra:
            if extra.name in ("skip", LEFT_TO_THE_ADDON) or (
                extra.name == "search" and not choice.searchable
            ):
                continue
            known = united.get(extra.name, ExtraProperty(extra.name))
            united[extra.name] = replace(
                known, options=tuple(dict.fromkeys((*known.options, *extra.options)))
            )
    return tuple(united.values())


def _place(row: AnyRow) -> tuple[bool, float]:
    position = row.choice.position
    return row.kind == "addon_catalog", float("inf") if position is None else position


def _state(row: AnyRow) -> RowState:
    if row.part_of is not None:
        return "merged"
    if isinstance(row, RowOfSeveral) and not row.members:
        return "empty"
    return "shown" if row.stands else "hidden"


def _named(rows: list[AnyRow]) -> list[AnyRow]:
    """A row's own name, unless it was given one.

    Where two of a type that stand there would read the same, the addon's name is added to both.
    """
    said = Counter(_said(row) for row in rows if row.stands)
    named: list[AnyRow] = []
    for row in rows:
        name = row.choice.name or row.own.name[:MAX_ROW_NAME_CHARS]
        if isinstance(row, Row) and not row.choice.name and said[_said(row)] > 1:
            name = f"{name} · {row.addon.name[:MAX_ROW_NAME_CHARS]}"
        named.append(replace(row, shown=replace(row.shown, name=name)))
    return named


def _said(row: AnyRow) -> tuple[str, str, str]:
    return row.kind, row.own.type, (row.choice.name or row.own.name).casefold()

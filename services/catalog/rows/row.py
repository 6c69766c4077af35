"""A row of the merged manifest: a catalog of one addon, or several of one type in one row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from libs.common.contracts.rows import RowExtra, RowKind, RowName, RowState, RowView
from libs.protocols.stremio.manifest import Catalog, Manifest, render_manifest
from services.catalog.listing import Listed
from services.catalog.model import MergedRow, RowChoice, RowKey

_ON_MANIFEST = frozenset({"shown", "choices_dropped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`own` as its addon takes questions, less what the owner switched off, `shown` as players see it.

    One that is `part_of` a merged row stands in that row only.
    """

    key: RowKey
    addon: Listed
    own: Catalog
    shown: Catalog
    choice: RowChoice
    can_search: bool
    state: RowState = "shown"
    part_of: str | None = None

    @property
    def members(self) -> tuple[Row, ...]:
        return (self,)

    @property
    def kind(self) -> RowKind:
        return "catalog" if self.key.kind == "catalog" else "addon_catalog"

    @property
    def stands(self) -> bool:
        """Whether it is to be on the manifest by itself, as far as there is room."""
        # With its search switched off nothing is left of a row that is for searching only.
        useful = self.choice.searchable or not self.is_for_search
        return self.choice.included and self.part_of is None and useful

    @property
    def is_for_search(self) -> bool:
        return any(extra.required and extra.name == "search" for extra in self.own.extra)

    @property
    def searchable(self) -> bool:
        return self.choice.searchable and self.own.declares("search")

    @property
    def on_manifest(self) -> bool:
        return self.state in _ON_MANIFEST

    @property
    def on_board(self) -> bool:
        return not any(extra.required for extra in self.own.extra)

    @property
    def name(self) -> RowName:
        return RowName(self.shown.type, self.shown.id, self.kind)

    def view(self) -> RowView:
        return RowView(
            id=self.shown.id,
            type=self.shown.type,
            kind=self.kind,
            name=self.shown.name,
            own_name=self.own.name,
            addon_id=self.addon.id,
            addon_name=self.addon.name,
            included=self.choice.included,
            state=self.state,
            on_board=self.on_board,
            searchable=self.searchable,
            can_search=self.can_search,
            extras=_extras(self.own),
            size_bytes=size_of(self.shown),
            part_of=self.part_of,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOfSeveral:
    """A merged row with those of its members that are there now."""

    stored: MergedRow
    members: tuple[Row, ...]
    own: Catalog
    shown: Catalog
    state: RowState = "shown"
    kind: RowKind = "catalog"
    part_of: None = None

    @property
    def choice(self) -> RowChoice:
        return self.stored.choice

    @property
    def stands(self) -> bool:
        return self.choice.included and bool(self.members)

    @property
    def searchable(self) -> bool:
        return self.choice.searchable and self.own.declares("search")

    @property
    def on_manifest(self) -> bool:
        return self.state in _ON_MANIFEST

    @property
    def name(self) -> RowName:
        return RowName(self.shown.type, self.shown.id)

    def view(self) -> RowView:
        return RowView(
            id=self.shown.id,
            type=self.shown.type,
            name=self.shown.name,
            own_name=self.choice.name,
            addon_id="",
            addon_name=", ".join(dict.fromkeys(member.addon.name for member in self.members)),
            included=self.choice.included,
            state=self.state,
            on_board=bool(self.members),
            searchable=self.searchable,
            can_search=any(member.searchable for member in self.members),
            extras=_extras(self.own),
            size_bytes=size_of(self.shown),
            mode=self.stored.mode,
            rows=tuple(member.name for member in self.members),
        )


AnyRow: TypeAlias = Row | RowOfSeveral

_EMPTY = Manifest(id="", name="", version="")
_EMPTY_SIZE = len(render_manifest(_EMPTY))


def size_of(catalog: Catalog) -> int:
    """The bytes of one catalog in a rendered manifest, its comma not counted."""
    return len(render_manifest(replace(_EMPTY, catalogs=(catalog,)))) - _EMPTY_SIZE


def _extras(catalog: Catalog) -> tuple[RowExtra, ...]:
    return tuple(RowExtra(name=e.name, required=e.required, options=e.options) for e in catalog.extra)

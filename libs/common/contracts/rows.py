"""The rows of a profile, and what may be chosen about them."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

RowKind = Literal["catalog", "addon_catalog"]
RowState = Literal["shown", "choices_dropped", "left_out", "hidden", "merged", "empty"]
MergeMode = Literal["sequential", "interleaved", "by_rating", "by_date"]

MAX_ROW_NAME_CHARS = 100
MAX_MERGED = 16
"""Rows in one merged row: every page of it asks for all of them."""
MAX_ORDERED = 500
"""Rows named in one order; those not named follow anyway."""
MAX_POSITION = 1_000_000
"""More rows than anybody can have: whatever is beyond the last is the last place."""

OWN_VIEWING: Final = "headgate:viewing"
"""The address of the addon whose rows are what whoever adds it goes on with and means to see."""
OWN_ROWS: Final = ("headgate-continue", "headgate-watchlist")
"""By what the ids of those end, those of a merged manifest too."""

RowLabel: TypeAlias = Annotated[str, msgspec.Meta(max_length=MAX_ROW_NAME_CHARS)]


class RowName(msgspec.Struct, frozen=True):
    """Which row is meant: ids are told apart by their types, as players do."""

    type: Annotated[str, msgspec.Meta(max_length=200)]
    id: Annotated[str, msgspec.Meta(max_length=500)]
    kind: RowKind = "catalog"


TWO_ROWS: Final = [
    {"type": "movie", "id": "qz4m.popular", "kind": "catalog"},
    {"type": "movie", "id": "7xkd.top", "kind": "catalog"},
]
NONE_TWICE: Final = {"uniqueItems": True}
MergedRows: TypeAlias = Annotated[
    tuple[RowName, ...],
    msgspec.Meta(min_length=2, max_length=MAX_MERGED, examples=[TWO_ROWS], extra_json_schema=NONE_TWICE),
]


class RowPatch(msgspec.Struct, frozen=True, kw_only=True):
    """Absent members stay as they are; an empty name goes back to the row's own.

    `position` counts from 0 among all rows. `mode` and `rows` are those of a merged row alone.
    """

    included: bool | msgspec.UnsetType = msgspec.UNSET
    name: RowLabel | msgspec.UnsetType = msgspec.UNSET
    searchable: bool | msgspec.UnsetType = msgspec.UNSET
    position: Annotated[int, msgspec.Meta(ge=0, le=MAX_POSITION)] | msgspec.UnsetType = msgspec.UNSET
    mode: MergeMode | msgspec.UnsetType = msgspec.UNSET
    rows: MergedRows | msgspec.UnsetType = msgspec.UNSET


class RowOrder(msgspec.Struct, frozen=True):
    """The rows named come first, in this order, and the others after them.

    Naming none puts every row back into the order of the addons.
    """

    rows: Annotated[
        tuple[RowName, ...],
        msgspec.Meta(max_length=MAX_ORDERED, examples=[TWO_ROWS], extra_json_schema=NONE_TWICE),
    ]


class NewMergedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one type, which then stand in this row instead of by themselves."""

    name: Annotated[RowLabel, msgspec.Meta(min_length=1)]
    rows: MergedRows
    mode: MergeMode = "interleaved"


class RowExtra(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    required: bool = False
    options: tuple[str, ...] = ()


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    """One catalog of the merged manifest. `on_board` rows need no extra and stand on a home page.

    A merged row has `rows`, which have its id as `part_of` and the state `merged`; it is of no addon.
    `searchable` is what its owner chose, as far as there is something to search at all (`can_search`).
    """

    id: str
    type: str
    kind: RowKind = "catalog"
    name: str
    own_name: str = ""
    addon_id: str
    addon_name: str
    included: bool
    state: RowState
    on_board: bool
    searchable: bool
    can_search: bool = False
    extras: tuple[RowExtra, ...]
    size_bytes: int
    part_of: str | None = None
    mode: MergeMode | None = None
    rows: tuple[RowName, ...] = ()


class RowList(msgspec.Struct, frozen=True):
    items: tuple[RowView, ...]
    next_cursor: str | None = None


class ManifestReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the merged manifest fits Stremio's limit, row by row in manifest order."""

    size_bytes: int
    budget_bytes: int
    rule: str
    rows: tuple[RowView, ...]

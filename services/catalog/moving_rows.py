"""What rows of another hub may say: it is somebody's file, and no table takes all that stands in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec

from libs.common.contracts.ratings import RatingSettings
from libs.common.contracts.rows import MAX_MERGED, MergeMode
from libs.common.contracts.tmdb import TmdbChoice
from libs.common.contracts.viewing_settings import ViewingSettings
from services.catalog.chosen import MOST as MOST_CHOICES
from services.catalog.rows.settings import MAX_MERGED_ROWS

Text = Annotated[str, msgspec.Meta(max_length=500)]
Place = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class RowChosen(msgspec.Struct, frozen=True, kw_only=True):
    addon_id: Text
    kind: Literal["catalog", "addon_catalog"]
    type: Text
    catalog_id: Text
    included: bool
    name: Text
    searchable: bool
    position: Place | None


class MovedMerged(msgspec.Struct, frozen=True, kw_only=True):
    key: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    type: Text
    mode: MergeMode
    name: Text
    included: bool
    searchable: bool
    position: Place | None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    addon_id: Text
    type: Text
    catalog_id: Text
    row_key: Text
    place: Place


class Said(msgspec.Struct, frozen=True, kw_only=True):
    kind: Text
    one: Text
    other: Text
    same: bool
    chosen_at: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


MOST: Final[Mapping[str, int]] = {
    "row_choices": 10_000,
    "merged_rows": MAX_MERGED_ROWS,
    "merged_row_members": MAX_MERGED_ROWS * MAX_MERGED,
    "title_choices": MOST_CHOICES,
    **dict.fromkeys(("rating_choices", "viewing_choices", "tmdb_choices"), 1),
}
"""Of a profile: all of them are looked through whenever its list is read."""
ROWS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "row_choices": RowChosen,
    "merged_rows": MovedMerged,
    "merged_row_members": Member,
    "title_choices": Said,
    "rating_choices": RatingSettings,
    "viewing_choices": ViewingSettings,
    "tmdb_choices": TmdbChoice,
}

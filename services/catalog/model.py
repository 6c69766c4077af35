"""The values the catalog service works with, and the rules that need nothing but them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from libs.addons.freshness import RETRY_S, Freshness
from libs.common.contracts.rows import MergeMode

KEY_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
KEY_LENGTH = 4
"""Four base32 letters: a million keys for at most a hundred addons, and few bytes in the manifest."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose addons: everything is scoped by account and profile."""

    account_id: str
    profile_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonRow:
    """An addon as stored. Times are epoch milliseconds; an empty `name` means the manifest's own."""

    id: str
    owner: Owner
    key: str
    position: int
    name: str
    sealed_url: bytes
    transport_hash: str
    manifest: bytes
    manifest_hash: str
    manifest_fetched_at: int
    manifest_next_at: int
    manifest_failures: int
    manifest_error: str
    enabled: bool
    builtin: bool
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class RowKey:
    """A catalog of one addon: two catalogs of an addon may share an id when their types differ."""

    addon_id: str
    kind: str
    type: str
    catalog_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChoice:
    """What an owner chose about a row. An empty `name` is the row's own, no `position` the addons' order."""

    included: bool = True
    name: str = ""
    searchable: bool = True
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What is to be chosen anew; None stays as it is."""

    included: bool | None = None
    name: str | None = None
    searchable: bool | None = None

    def of(self, choice: RowChoice) -> RowChoice:
        return RowChoice(
            included=choice.included if self.included is None else self.included,
            name=choice.name if self.name is None else self.name,
            searchable=choice.searchable if self.searchable is None else self.searchable,
            position=choice.position,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRow:
    """Rows of one type that an owner made one of. `key` stays whatever else changes."""

    key: str
    type: str
    mode: MergeMode
    choice: RowChoice
    members: tuple[RowKey, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Everything an owner chose about their rows."""

    choices: Mapping[RowKey, RowChoice] = field(default_factory=dict)
    merged: tuple[MergedRow, ...] = ()


BRIEF = Freshness(RETRY_S, 0, 0)
"""For partial and stale answers: they must not be kept as if they were whole and new."""


def honest_minimum(parts: Iterable[Freshness], *, partial: bool) -> Freshness:
    """What an answer made of `parts` may claim: the least of each bound, and brief when partial."""
    least = Freshness(604_800, 604_800, 604_800)
    for part in parts:
        least = least.least(part)
    return least.least(BRIEF) if partial else least


def merged_id(key: str, catalog_id: str) -> str:
    """The id of an addon's catalog in the merged manifest. Depends on neither order nor restart."""
    return f"{key}.{catalog_id}"


def merged_row_id(key: str) -> str:
    """The id of a merged row. No addon's row has it: their keys have four letters."""
    return f"m.{key}"

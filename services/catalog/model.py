"""The values the catalog service works with, and the rules that need nothing but them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from libs.addons.freshness import RETRY_S, Freshness
from libs.common.contracts.catalog import AddonState, AddonStatus, HealthObservation
from libs.common.contracts.rows import MergeMode

KEY_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
KEY_LENGTH = 4
"""Four base32 letters: a million keys for at most a hundred addons, and few bytes in the manifest."""

FAILING_IN_A_ROW = 3
"""So many failures running, and the addon is shown as failing."""

SLOW_MS = 3000.0
"""A moving average above this is shown as slow."""

WEIGHT = 0.2
"""Of the newest answer in the moving average: about the last ten answers count."""

MAX_ERROR_CHARS = 300


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


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one addon. Times are epoch milliseconds."""

    calls: int = 0
    failures: int = 0
    failing_in_a_row: int = 0
    latency_ms: float | None = None
    last_answer_at: int | None = None
    error: str = ""
    error_at: int | None = None

    @property
    def status(self) -> AddonStatus:
        if self.calls == 0:
            return "unknown"
        if self.failing_in_a_row >= FAILING_IN_A_ROW or self.failures == self.calls:
            return "failing"
        return "slow" if (self.latency_ms or 0) > SLOW_MS else "ok"

    def view(self) -> AddonState:
        return AddonState(
            status=self.status,
            last_answer_at=_moment(self.last_answer_at),
            latency_ms=None if self.latency_ms is None else round(self.latency_ms, 1),
            error=self.error or None,
            error_at=_moment(self.error_at),
            calls=self.calls,
            failures=self.failures,
        )


@dataclass(frozen=True, slots=True)
class HealthChange:
    """What happened since the last write, so that several replicas add up instead of overwriting.

    `answered` says whether an answer came in between, which ends a run of failures.
    """

    calls: int = 0
    failures: int = 0
    failing_in_a_row: int = 0
    answered: bool = False
    latency_ms: float | None = None
    last_answer_at: int | None = None
    error: str = ""
    error_at: int | None = None

    def plus(self, seen: HealthObservation) -> HealthChange:
        at = int(seen.at * 1000)
        if seen.ok:
            return replace(
                self,
                calls=self.calls + 1,
                failing_in_a_row=0,
                answered=True,
                latency_ms=averaged(self.latency_ms, seen.latency_ms),
                last_answer_at=max(at, self.last_answer_at or 0),
            )
        return replace(
            self,
            calls=self.calls + 1,
            failures=self.failures + 1,
            failing_in_a_row=self.failing_in_a_row + 1,
            error=(seen.error or "The addon failed.")[:MAX_ERROR_CHARS],
            error_at=max(at, self.error_at or 0),
        )

    def merged(self, later: HealthChange) -> HealthChange:
        """This and then `later`, as one change."""
        return HealthChange(
            calls=self.calls + later.calls,
            failures=self.failures + later.failures,
            failing_in_a_row=later.failing_in_a_row + (0 if later.answered else self.failing_in_a_row),
            answered=self.answered or later.answered,
            latency_ms=self.latency_ms if later.latency_ms is None else later.latency_ms,
            last_answer_at=later.last_answer_at or self.last_answer_at,
            error=later.error or self.error,
            error_at=later.error_at or self.error_at,
        )


def averaged(average: float | None, newest: float) -> float:
    """The moving average after one more answer."""
    return newest if average is None else average + WEIGHT * (newest - average)


def applied(known: Health, change: HealthChange) -> Health:
    """What is known once `change` has happened too."""
    latency = known.latency_ms
    if change.latency_ms is not None:
        latency = averaged(latency, change.latency_ms)
    return Health(
        calls=known.calls + change.calls,
        failures=known.failures + change.failures,
        failing_in_a_row=change.failing_in_a_row + (0 if change.answered else known.failing_in_a_row),
        latency_ms=latency,
        last_answer_at=change.last_answer_at or known.last_answer_at,
        error=change.error or known.error,
        error_at=change.error_at or known.error_at,
    )


def merged_id(key: str, catalog_id: str) -> str:
    """The id of an addon's catalog in the merged manifest. Depends on neither order nor restart."""
    return f"{key}.{catalog_id}"


def merged_row_id(key: str) -> str:
    """The id of a merged row. No addon's row has it: their keys have four letters."""
    return f"m.{key}"


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)

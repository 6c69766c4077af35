"""How one addon answers one kind of question: what is counted, what fades, when it rests and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from libs.common.contracts.addon_health import HealthObservation

LATENCY_WEIGHT = 0.2
"""Of the newest answer in the moving average: about the last ten answers count."""

KEPT = 0.88
"""What one more call leaves of the weight of those before it: the last six are half of it all."""

HALF_LIFE_MS = 86_400_000
"""Evidence a day old weighs half."""

LEAST_SHORTER = 0.05
"""Of an interval: looking who is due, asking and writing take a moment."""

MAX_ERROR_CHARS = 300
MAX_ASKED_CHARS = 200

HOUR_MS = 3_600_000
DAY_MS = 86_400_000

Key = tuple[str, str]
"""An addon's id and the resource it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When an addon rests or sinks, and how often a resting one is asked whether it is back."""

    out_after: int = 5
    poor_below: int = 60
    probe_s: float = 30.0
    probe_max_s: float = 900.0

    def wait_ms(self, probes: int, shorter: float) -> int:
        """The next wait after `probes` earlier ones: doubling, `shorter` (0 to 1) by up to a fifth, so that
        addons that failed together are not asked together, and always a little, so that asking is over when
        the interval is."""
        wait_s = min(self.probe_s * 2 ** min(probes, 16), self.probe_max_s)
        return int(1000 * wait_s * (1 - LEAST_SHORTER - shorter / 5))


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in an hour or a day. `answered_ms` is the time of all good answers together."""

    calls: int = 0
    failures: int = 0
    empty: int = 0
    answered_ms: float = 0.0

    def plus(self, other: Span) -> Span:
        return Span(
            self.calls + other.calls,
            self.failures + other.failures,
            self.empty + other.empty,
            self.answered_ms + other.answered_ms,
        )

    @property
    def latency_ms(self) -> float | None:
        good = self.calls - self.failures
        return self.answered_ms / good if good else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of one addon and one resource. Times are epoch milliseconds.

    `good` of `weight` calls went well, as of `weighed_at`. `asked` is a question to put again to an addon
    that rests; since `out_since` it is not asked anything else, until `probe_at`.
    """

    calls: int = 0
    failures: int = 0
    empty: int = 0
    failing_in_a_row: int = 0
    weight: float = 0.0
    good: float = 0.0
    weighed_at: int = 0
    latency_ms: float | None = None
    last_answer_at: int | None = None
    error: str = ""
    error_at: int | None = None
    asked: str = ""
    out_since: int | None = None
    probe_at: int | None = None
    probes: int = 0
    returned_at: int | None = None

    def weight_at(self, now: int) -> float:
        return self.weight * _faded(now - self.weighed_at)

    def success_at(self, now: int) -> float:
        """The share that goes well: what is seen, and the benefit of the doubt for one call more."""
        faded = _faded(now - self.weighed_at)
        return (self.good * faded + 1) / (self.weight * faded + 1)

    def released(self) -> Figures:
        """Asked again from now on, by its owner's wish."""
        return replace(self, out_since=None, probe_at=None, probes=0, failing_in_a_row=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened since the last write, so that several replicas add up instead of overwriting.

    `answered` says whether a good answer came in between, which ends a run of failures; `kept` what is left
    of the weight of whatever was known before. `spans` are hours by their start.
    """

    calls: int = 0
    failures: int = 0
    empty: int = 0
    failing_in_a_row: int = 0
    answered: bool = False
    kept: float = 1.0
    weight: float = 0.0
    good: float = 0.0
    at: int = 0
    latency_ms: float | None = None
    last_answer_at: int | None = None
    error: str = ""
    error_at: int | None = None
    asked: str = ""
    asked_well: bool = False
    spans: Mapping[int, Span] = field(default_factory=dict)

    def merged(self, later: Change) -> Change:
        """This and then `later`, as one change."""
        well = later.asked_well or not self.asked_well
        return Change(
            calls=self.calls + later.calls,
            failures=self.failures + later.failures,
            empty=self.empty + later.empty,
            failing_in_a_row=later.failing_in_a_row + (0 if later.answered else self.failing_in_a_row),
            answered=self.answered or later.answered,
            kept=self.kept * later.kept,
            weight=self.weight * later.kept + later.weight,
            good=self.good * later.kept + later.good,
            at=max(self.at, later.at),
            latency_ms=_averaged(self.latency_ms, later.latency_ms),
            last_answer_at=later.last_answer_at or self.last_answer_at,
            error=later.error or self.error,
            error_at=later.error_at or self.error_at,
            asked=later.asked or self.asked if well else self.asked,
            asked_well=self.asked_well or later.asked_well,
            spans=_together(self.spans, later.spans),
        )


def change_of(seen: HealthObservation) -> Change:
    """One observation as a change."""
    at = int(seen.at * 1000)
    asked = seen.path if len(seen.path) <= MAX_ASKED_CHARS else ""
    span = Span(1, int(not seen.ok), int(seen.empty), seen.latency_ms if seen.ok else 0.0)
    one = Change(
        calls=1, empty=int(seen.empty), kept=KEPT, weight=1.0, at=at, spans={at - at % HOUR_MS: span}
    )
    if not seen.ok:
        error = (seen.error or "The addon failed.")[:MAX_ERROR_CHARS]
        return replace(one, failures=1, failing_in_a_row=1, error=error, error_at=at, asked=asked)
    return replace(
        one,
        good=1.0,
        answered=True,
        latency_ms=seen.latency_ms,
        last_answer_at=at,
        asked=asked,
        asked_well=bool(asked),
    )


def applied(known: Figures, change: Change) -> Figures:
    """The figures once `change` has happened too. Whether the addon rests is `judged` apart."""
    faded = _faded(change.at - known.weighed_at) * change.kept
    # A question that was answered well once is a better one to ask again than one that never was.
    asked = change.asked if change.asked_well or not known.asked else known.asked
    return replace(
        known,
        calls=known.calls + change.calls,
        failures=known.failures + change.failures,
        empty=known.empty + change.empty,
        failing_in_a_row=change.failing_in_a_row + (0 if change.answered else known.failing_in_a_row),
        weight=known.weight * faded + change.weight,
        good=known.good * faded + change.good,
        weighed_at=max(change.at, known.weighed_at),
        latency_ms=_averaged(known.latency_ms, change.latency_ms),
        last_answer_at=change.last_answer_at or known.last_answer_at,
        error=change.error or known.error,
        error_at=change.error_at or known.error_at,
        asked=asked,
    )


def judged(
    figures: Figures, change: Change, *, rules: Rules, pinned: bool, now: int, shorter: float
) -> Figures:
    """Whether the addon rests after a viewer's calls. A good answer brings it back, whoever got it."""
    if change.answered and figures.out_since is not None:
        figures = replace(figures, out_since=None, probe_at=None, returned_at=now)
    if change.answered:
        figures = replace(figures, probes=0)
    resting = figures.out_since is not None
    if resting or pinned or not rules.out_after or figures.failing_in_a_row < rules.out_after:
        return figures
    return _resting(replace(figures, out_since=now), rules=rules, now=now, shorter=shorter)


def probed(figures: Figures, *, answered: bool, rules: Rules, now: int, shorter: float) -> Figures:
    """After a question put by us alone. One answer lets viewers ask again; their next failure takes that back
    and the wait grows on, their next answer ends the matter."""
    if figures.out_since is None:
        return figures
    if not answered:
        return _resting(figures, rules=rules, now=now, shorter=shorter)
    trusted_once = max(rules.out_after - 1, 0)
    return replace(figures, out_since=None, probe_at=None, returned_at=now, failing_in_a_row=trusted_once)


def _resting(figures: Figures, *, rules: Rules, now: int, shorter: float) -> Figures:
    wait_ms = rules.wait_ms(figures.probes, shorter)
    return replace(figures, probe_at=now + wait_ms, probes=figures.probes + 1)


def _faded(age_ms: int) -> float:
    return float(0.5 ** (max(age_ms, 0) / HALF_LIFE_MS))


def _averaged(average: float | None, newest: float | None) -> float | None:
    if average is None or newest is None:
        return average if newest is None else newest
    return average + LATENCY_WEIGHT * (newest - average)


def _together(one: Mapping[int, Span], other: Mapping[int, Span]) -> Mapping[int, Span]:
    return {start: one.get(start, Span()).plus(other.get(start, Span())) for start in {*one, *other}}

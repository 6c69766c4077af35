"""Health in words and numbers: the score, the state, the reason for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from libs.common.clock import moment_of, moment_or_none
from libs.common.contracts.addon_health import (
    AddonHealth,
    Badge,
    HealthPoint,
    HealthStateName,
    OperationHealth,
    SourceHealth,
)
from libs.common.contracts.catalog import AddonState, AddonStatus
from services.catalog.health_model import Figures, Rules, Span
from services.catalog.store.health import History

FAST_MS: Final = 500.0
SLOW_MS: Final = 3000.0
SLOW_SHARE: Final = 1 / 3
"""Of the marks for speed, what a slow addon gets."""

SPEED_MARKS: Final = 0.3
"""Of a hundred; the others are for answering at all. What doesn't answer is not quick either."""

STRICT: Final = 1.5
"""Over 1: what fails half of the time is worth less than half, since nobody knows which half."""

FAILING_IN_A_ROW: Final = 3
"""So many failures running, and the addon is shown as failing."""

_WORDS: Mapping[str, str] = {
    "catalog": "rows",
    "addon_catalog": "lists of addons",
    "meta": "titles",
    "stream": "sources",
    "subtitles": "subtitles",
}

ByOperation = Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells by `rules` what figures mean."""

    rules: Rules

    def health(self, known: ByOperation, *, enabled: bool, pinned: bool, now: int) -> SourceHealth:
        """One addon; for one that is asked by a single service, hand in only what that one asks."""
        asked = {name: figures for name, figures in sorted(known.items()) if figures.calls}
        resting = tuple(name for name, figures in asked.items() if figures.out_since is not None)
        score = _score_of_all(asked.values(), now)
        state = self._state(score, asked, resting, enabled=enabled)
        return SourceHealth(
            score=score,
            badge=badge_of(score, self.rules.poor_below),
            state=state,
            pinned=pinned,
            latency_ms=_rounded(_latency(asked.values(), now)),
            reason=_reason(state, asked, resting, pinned=pinned, now=now),
            resting=resting,
            out_since=moment_or_none(min((asked[name].out_since or 0 for name in resting), default=None)),
            asked_again_at=moment_or_none(min((asked[name].probe_at or 0 for name in resting), default=None)),
            returned_at=moment_or_none(
                max((each.returned_at or 0 for each in asked.values()), default=0) or None
            ),
        )

    def whole(
        self, addon_id: str, known: ByOperation, history: History, *, enabled: bool, pinned: bool, now: int
    ) -> AddonHealth:
        return AddonHealth(
            addon_id=addon_id,
            health=self.health(known, enabled=enabled, pinned=pinned, now=now),
            operations=tuple(
                _operation(name, figures, now) for name, figures in sorted(known.items()) if figures.calls
            ),
            hours=points(history.hours),
            days=points(history.days),
        )

    def _state(
        self, score: int | None, asked: ByOperation, resting: tuple[str, ...], *, enabled: bool
    ) -> HealthStateName:
        if not enabled:
            return "off"
        if score is None:
            return "unknown"
        if len(resting) == len(asked):
            return "out"
        return "poor" if resting or score < self.rules.poor_below else "active"


def score_of(figures: Figures, now: int) -> int | None:
    """0 to 100; None where nothing is known."""
    if not figures.calls:
        return None
    answers: float = figures.success_at(now) ** STRICT
    return round(100 * answers * (1 - SPEED_MARKS + SPEED_MARKS * _speed(figures.latency_ms)))


def badge_of(score: int | None, poor_below: int) -> Badge:
    """One scale for what is shown and what sinks: below the bound by how far, above it halfway to all."""
    if score is None:
        return "unknown"
    if score < poor_below:
        return "fair" if 2 * score >= poor_below else "poor"
    return "excellent" if 2 * score >= 100 + poor_below else "good"


def addon_state(known: ByOperation) -> AddonState:
    """The counts of all an addon was asked."""
    asked = [figures for figures in known.values() if figures.calls]
    last = max(asked, key=lambda each: each.error_at or 0, default=Figures())
    latencies = [each.latency_ms for each in asked if each.latency_ms is not None]
    latency = max(latencies, default=None)
    return AddonState(
        status=_status(asked, latency),
        last_answer_at=moment_or_none(max((each.last_answer_at or 0 for each in asked), default=0) or None),
        latency_ms=_rounded(latency),
        error=last.error or None,
        error_at=moment_or_none(last.error_at),
        calls=sum(each.calls for each in asked),
        failures=sum(each.failures for each in asked),
    )


def points(spans: Mapping[int, Span]) -> tuple[HealthPoint, ...]:
    return tuple(
        HealthPoint(
            start=moment_of(start),
            calls=span.calls,
            failures=span.failures,
            empty=span.empty,
            latency_ms=_rounded(span.latency_ms),
        )
        for start, span in sorted(spans.items())
    )


def _status(asked: list[Figures], latency_ms: float | None) -> AddonStatus:
    if not asked:
        return "unknown"
    if any(each.failing_in_a_row >= FAILING_IN_A_ROW or each.failures == each.calls for each in asked):
        return "failing"
    return "slow" if (latency_ms or 0) > SLOW_MS else "ok"


def _score_of_all(asked: Iterable[Figures], now: int) -> int | None:
    """What it is asked most counts most."""
    scores = [
        (score, 1 + figures.weight_at(now))
        for figures in asked
        if (score := score_of(figures, now)) is not None
    ]
    if not scores:
        return None
    return round(sum(score * weight for score, weight in scores) / sum(weight for _, weight in scores))


def _latency(asked: Iterable[Figures], now: int) -> float | None:
    known = [(each.latency_ms, 1 + each.weight_at(now)) for each in asked if each.latency_ms is not None]
    if not known:
        return None
    return sum(latency * weight for latency, weight in known) / sum(weight for _, weight in known)


def _speed(latency_ms: float | None) -> float:
    """1 below half a second, falling evenly to a third at three."""
    over = ((latency_ms or 0) - FAST_MS) / (SLOW_MS - FAST_MS)
    return 1 - (1 - SLOW_SHARE) * min(max(over, 0.0), 1.0)


def _reason(
    state: HealthStateName, asked: ByOperation, resting: tuple[str, ...], *, pinned: bool, now: int
) -> str:
    if state == "off":
        return "Switched off."
    if state == "unknown":
        return "It has not been asked yet."
    worst = min(asked, key=lambda name: score_of(asked[name], now) or 0)
    if resting:
        figures = asked[resting[0]]
        what = "anything" if state == "out" else " and ".join(_WORDS.get(name, name) for name in resting)
        return f"It is not asked for {what}: it failed again and again. {figures.error}".strip()
    failing = asked[worst].failing_in_a_row
    told = _told_of(_WORDS.get(worst, worst), asked[worst], now, only=len(asked) == 1)
    if pinned and failing >= FAILING_IN_A_ROW:
        return f"{told} It is pinned, so it goes on being asked."
    return told


def _told_of(what: str, figures: Figures, now: int, *, only: bool) -> str:
    """A sentence about what it is worst at."""
    share = figures.success_at(now)
    about = "Of its last answers" if only else f"Of its last answers for {what}"
    latency_ms = figures.latency_ms or 0
    if share < 0.95:
        return f"{about} about {round(100 * (1 - share))} % failed."
    if latency_ms > FAST_MS:
        return f"It answers well, in {latency_ms / 1000:.1f} seconds."
    return "It answers well and quickly."


def _operation(name: str, figures: Figures, now: int) -> OperationHealth:
    return OperationHealth(
        operation=name,
        score=score_of(figures, now),
        success=round(figures.success_at(now), 3),
        latency_ms=_rounded(figures.latency_ms),
        calls=figures.calls,
        failures=figures.failures,
        empty=figures.empty,
        failing_in_a_row=figures.failing_in_a_row,
        resting=figures.out_since is not None,
        asked_again_at=moment_or_none(figures.probe_at),
        last_answer_at=moment_or_none(figures.last_answer_at),
        error=figures.error or None,
        error_at=moment_or_none(figures.error_at),
    )


def _rounded(latency_ms: float | None) -> float | None:
    return None if latency_ms is None else round(latency_ms, 1)

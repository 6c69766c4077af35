"""What may be observed of an addon."""

from __future__ import annotations

from libs.common.contracts.addon_health import HealthObservation
from services.catalog.health_model import Figures, Rules, applied, change_of, judged
from tests.fakes.clock import START

RULES = Rules()
NOW = int(START * 1000)


def seen(
    *,
    ok: bool = True,
    ms: float = 100,
    at: float = START,
    addon_id: str = "a",
    operation: str = "stream",
    empty: bool = False,
    path: str = "",
) -> HealthObservation:
    return HealthObservation(
        addon_id=addon_id,
        operation=operation,
        ok=ok,
        latency_ms=ms,
        at=at,
        empty=empty,
        path=path,
        error=None if ok else "It broke.",
    )


GOOD, BAD = seen(), seen(ok=False)


def after(*observations: HealthObservation, known: Figures | None = None, pinned: bool = False) -> Figures:
    """The figures once these came in, one by one."""
    figures = known or Figures()
    for each in observations:
        change = change_of(each)
        now = int(each.at * 1000)
        figures = judged(applied(figures, change), change, rules=RULES, pinned=pinned, now=now, shorter=0.0)
    return figures

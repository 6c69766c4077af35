"""For how long an answer may be believed, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from libs.common.cache import Lookup
from libs.common.contracts.catalog import CacheState

RETRY_S = 10
"""How long an answer that had to be stale may be kept before asking again."""

_STATES: tuple[CacheState, ...] = ("partial", "stale", "bypass", "miss", "hit")
"""The first of these among its parts is the state of the whole."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whole seconds: how long to keep, then to serve while refreshing, then while failing."""

    max_age_s: int
    stale_s: int
    error_s: int

    def least(self, other: Freshness) -> Freshness:
        return Freshness(
            min(self.max_age_s, other.max_age_s),
            min(self.stale_s, other.stale_s),
            min(self.error_s, other.error_s),
        )

    def header(self) -> str:
        """The Cache-Control value. `private`: an answer belongs to the account that asked."""
        parts = ["private", f"max-age={self.max_age_s}"]
        if self.stale_s:
            parts.append(f"stale-while-revalidate={self.stale_s}")
        if self.error_s:
            parts.append(f"stale-if-error={self.error_s}")
        return ", ".join(parts)


def freshness_of(lookup: Lookup, now: float) -> Freshness:
    """What is left of an entry's lives. A stale one may be shown only while it is being renewed."""
    entry = lookup.entry
    if lookup.state == "bypass":
        return Freshness(0, 0, 0)
    fresh_end = max(entry.fresh_until, now)
    left = Freshness(
        int(max(0.0, entry.fresh_until - now)),
        int(max(0.0, entry.stale_until - fresh_end)),
        int(max(0.0, entry.error_until - fresh_end)),
    )
    return Freshness(0, max(left.stale_s, RETRY_S), left.error_s) if lookup.state == "stale" else left


def worst(states: Iterable[CacheState], *, partial: bool) -> CacheState:
    """The state of an answer made of parts; made of nothing, nothing was kept."""
    found = {"partial"} if partial else set(states)
    return next((state for state in _STATES if state in found), "miss")

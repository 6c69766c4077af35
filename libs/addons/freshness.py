"""For how long an answer may be believed, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from libs.common.cache import Lookup
from libs.common.contracts.catalog import CacheState

RETRY_S = 10
"""How long an answer that had to be stale may be kept before asking again."""

_STATES: tuple[CacheState, ...] = ("partial", "stale", "bypass", "miss", "hit")
"""The first of these among its parts is the state of the whole."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whole seconds: how long to keep, then to serve while refreshing, then while failing.

    All from now on. `age_s` is how long ago it was asked for, in the case of several the first of them.
    """

    max_age_s: int
    stale_s: int
    error_s: int
    age_s: int = 0

    def least(self, other: Freshness) -> Freshness:
        return Freshness(
            min(self.max_age_s, other.max_age_s),
            min(self.stale_s, other.stale_s),
            min(self.error_s, other.error_s),
            max(self.age_s, other.age_s),
        )

    def headers(self) -> dict[str, str]:
        """Cache-Control, whose max-age counts from when the answer was made (RFC 9111), and that Age.

        `private`: an answer belongs to the account that asked.
        """
        parts = ["private", f"max-age={self.age_s + self.max_age_s}"]
        if self.stale_s:
            parts.append(f"stale-while-revalidate={self.stale_s}")
        if self.error_s:
            parts.append(f"stale-if-error={self.error_s}")
        return {"Cache-Control": ", ".join(parts), "Age": str(self.age_s)}


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
        int(max(0.0, now - entry.stored_at)),
    )
    if lookup.state != "stale":
        return left
    return replace(left, max_age_s=0, stale_s=max(left.stale_s, RETRY_S))


def worst(states: Iterable[CacheState], *, partial: bool) -> CacheState:
    """The state of an answer made of parts; made of nothing, nothing was kept."""
    found = {"partial"} if partial else set(states)
    return next((state for state in _STATES if state in found), "miss")

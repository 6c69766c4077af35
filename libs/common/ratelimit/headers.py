"""Limits as response headers: draft-ietf-httpapi-ratelimit-headers-10, the older X-RateLimit-*, or both.

The draft's `pk` (whose quota it is) is left out: it may not name anybody, and nobody shares these.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from libs.common.ratelimit.engine import Verdict
from libs.common.ratelimit.policies import SECOND_US, Policy, Standing

Style: TypeAlias = Literal["draft10", "legacy", "both"]
STYLES = ("draft10", "legacy", "both")
EXPOSED = (
    "RateLimit, RateLimit-Policy, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
)
"""What pages of another origin have to be allowed to read."""

Headers: TypeAlias = tuple[tuple[str, str], ...]


def limit_headers(standings: Sequence[Standing], style: Style) -> Headers:
    """What a response says of the policies it met. The older headers know one: the tightest."""
    if not standings:
        return ()
    headers: Headers = ()
    if style != "legacy":
        headers = (
            ("RateLimit-Policy", policy_text(tuple(standing.policy for standing in standings))),
            ("RateLimit", ", ".join(_text(standing) for standing in standings)),
        )
    if style != "draft10":
        tightest = min(standings, key=lambda standing: standing.remaining / standing.policy.quota)
        headers += (
            ("X-RateLimit-Limit", str(tightest.policy.quota)),
            ("X-RateLimit-Remaining", str(tightest.remaining)),
            ("X-RateLimit-Reset", str(_seconds(tightest.more_in_us))),
        )
    return headers


def retry_after_s(verdict: Verdict) -> int:
    """For `Retry-After`: whole seconds, and never before a `t` that the same answer shows."""
    shown = [
        _seconds(standing.more_in_us)
        for standing in verdict.standings
        if standing.policy.name in verdict.violated
    ]
    return max(1, -int(-verdict.retry_after_s // 1), *shown)


@lru_cache(maxsize=256)
def policy_text(policies: tuple[Policy, ...]) -> str:
    """The value of `RateLimit-Policy`."""
    return ", ".join(f'"{policy.name}";q={policy.quota};w={policy.window_s}' for policy in policies)


def standing_text(name: str, remaining: int, more_in_us: int) -> str:
    """One member of `RateLimit`."""
    text = f'"{name}";r={remaining}'
    return f"{text};t={_seconds(more_in_us)}" if more_in_us else text


def _text(standing: Standing) -> str:
    return standing_text(standing.policy.name, standing.remaining, standing.more_in_us)


def _seconds(microseconds: int) -> int:
    return -(-microseconds // SECOND_US)

"""Limits as operators write them: `10/s burst 20; 100000/d; outage local`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from libs.common.ratelimit.policies import Limit, OnOutage, Policy, Quota, Rate

ALLOWED = "like 10/s burst 20; 100000/d; outage local (units s, m, h, d; an outage is local, allow or deny)"
ALLOWED_RATE = "a single rate like 100/s burst 500 (units s, m, h, d)"

_UNITS = {"s": ("second", 1), "m": ("minute", 60), "h": ("hour", 3600), "d": ("day", 86_400)}
_UNIT_OF = {seconds: unit for unit, (_, seconds) in _UNITS.items()}
_POLICY = re.compile(
    r"(?P<count>\d{1,12})\s*/\s*(?P<unit>[smhd])(?:\s+burst\s+(?P<burst>\d{1,9}))?", re.ASCII
)
_OUTAGE = re.compile(r"outage\s+(?P<what>local|allow|deny)")


def parse_limit(name: str, text: str) -> Limit:
    """With `burst` a part is a rate, without it a quota. Raises ValueError."""
    policies: list[Policy] = []
    on_outage: OnOutage | None = None
    for part in text.lower().split(";"):
        outage = _OUTAGE.fullmatch(part.strip())
        if outage is None:
            policies.append(_policy(name, part.strip()))
        elif on_outage is not None:
            raise ValueError("outage is said twice")
        else:
            on_outage = cast(OnOutage, outage["what"])
    names = [policy.name for policy in policies]
    if not policies or len(set(names)) < len(names):
        raise ValueError("a limit needs at most one rate and one quota for each unit")
    return Limit(name, tuple(policies), on_outage or "local")


def parse_rate(name: str, text: str) -> Rate:
    """One rate and nothing else. Raises ValueError."""
    policy = _policy(name, text.lower().strip())
    if not isinstance(policy, Rate):
        raise ValueError("a rate says its burst")
    return policy


def rule_of(policies: Sequence[Policy]) -> str:
    """The policies as settings say them."""
    return "; ".join(_text(policy) for policy in policies)


def _text(policy: Policy) -> str:
    if isinstance(policy, Rate):
        return f"{policy.count}/{_UNIT_OF[policy.period_s]} burst {policy.burst}"
    return f"{policy.count}/{_UNIT_OF[policy.window_s]}"


def _policy(name: str, part: str) -> Policy:
    found = _POLICY.fullmatch(part)
    if found is None:
        raise ValueError(part)
    word, seconds = _UNITS[found["unit"]]
    if found["burst"] is not None:
        return Rate(name, int(found["count"]), seconds, int(found["burst"]))
    return Quota(f"{name}-{word}", int(found["count"]), seconds)

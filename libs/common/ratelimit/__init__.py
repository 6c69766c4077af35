"""Limits on requests: rates and quotas, counted in memory or in Redis with the same results."""

from __future__ import annotations

from libs.common.ratelimit.engine import Engine, Verdict
from libs.common.ratelimit.headers import (
    EXPOSED,
    STYLES,
    Headers,
    Style,
    limit_headers,
    policy_text,
    retry_after_s,
    standing_text,
)
from libs.common.ratelimit.memory import LocalRate, MemoryEngine
from libs.common.ratelimit.parse import ALLOWED, ALLOWED_RATE, parse_limit, parse_rate, rule_of
from libs.common.ratelimit.policies import MAX_PER_SECOND, Limit, Policy, Quota, Rate, Standing
from libs.common.ratelimit.redis import RedisEngine

__all__ = [
    "ALLOWED",
    "ALLOWED_RATE",
    "EXPOSED",
    "MAX_PER_SECOND",
    "STYLES",
    "Engine",
    "Headers",
    "Limit",
    "LocalRate",
    "MemoryEngine",
    "Policy",
    "Quota",
    "Rate",
    "RedisEngine",
    "Standing",
    "Style",
    "Verdict",
    "limit_headers",
    "parse_limit",
    "parse_rate",
    "policy_text",
    "retry_after_s",
    "rule_of",
    "standing_text",
]

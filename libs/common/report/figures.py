"""Requests in one line, from the histogram that measures them."""

from __future__ import annotations

import math
from collections import Counter

from libs.common.metrics import Metrics
from libs.common.reports import RequestsReport

_NAME = "http_request_seconds"
_SHARE = 0.95


def requests_of(metrics: Metrics) -> RequestsReport:
    answered = metrics.values(f"{_NAME}_count")
    times = sum(value for _, value in answered)
    total_s = sum(value for _, value in metrics.values(f"{_NAME}_sum"))
    failures = sum(value for labels, value in answered if labels["status"].startswith("5"))
    return RequestsReport(
        requests=int(times),
        failures=int(failures),
        mean_ms=round(1000 * total_s / times, 2) if times else 0.0,
        p95_ms=round(1000 * _quantile(metrics, times), 1),
    )


def _quantile(metrics: Metrics, times: float) -> float:
    """Evenly spread within its bucket; of the last one, its lower bound."""
    buckets: Counter[float] = Counter()
    for labels, value in metrics.values(f"{_NAME}_bucket"):
        buckets[float(labels["le"])] += int(value)
    wanted, lower_s, below = _SHARE * times, 0.0, 0
    for upper_s, upto in sorted(buckets.items()):
        if upto >= wanted and upto > below:
            if math.isinf(upper_s):
                return lower_s
            return lower_s + (upper_s - lower_s) * (wanted - below) / (upto - below)
        lower_s, below = upper_s, upto
    return 0.0

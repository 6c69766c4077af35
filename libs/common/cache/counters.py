"""The cache's figures for Prometheus, with their label children made once: the hot path only adds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from libs.common.cache.entry import State, Tier
from libs.common.cache.memory import MemoryTier
from libs.common.metrics import Metrics


class Counters:
    """Counts of one cache, labelled by its name."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        lookups = metrics.counter(
            "cache_lookups_total",
            "Answers by state and by where they came from (memory, redis, source).",
            ("cache", "state", "tier"),
        )
        self.lookup = {
            (state, tier): lookups.labels(name, state, tier).inc
            for state in get_args(State)
            for tier in get_args(Tier)
        }
        self.hit = self.lookup["hit", "memory"]
        self.coalesced = self._child(
            metrics, name, "cache_coalesced_total", "Callers that shared a load already under way."
        )
        self.load = self._child(
            metrics, name, "cache_loads_total", "Loads begun of what was not there, or old."
        )
        self.load_error = self._child(
            metrics, name, "cache_load_errors_total", "Loads that failed, or gave nothing to keep."
        )
        self.evicted = self._child(metrics, name, "cache_evictions_total", "Entries pushed out of memory.")
        self.redis_error = self._child(metrics, name, "cache_redis_errors_total", "Failed calls to Redis.")
        self._bytes = metrics.gauge("cache_bytes", "Bytes held in memory.", ("cache",)).labels(name)
        self._entries = metrics.gauge("cache_entries", "Entries held in memory.", ("cache",)).labels(name)

    def watch(self, memory: MemoryTier) -> None:
        """Read the size of the near tier whenever somebody scrapes."""
        self._bytes.set_function(lambda: memory.bytes)
        self._entries.set_function(lambda: len(memory))

    @staticmethod
    def _child(metrics: Metrics, name: str, metric: str, help: str) -> Callable[[], None]:
        return metrics.counter(metric, help, ("cache",)).labels(name).inc

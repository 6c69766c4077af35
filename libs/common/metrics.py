"""Prometheus metrics of one app. The registry is passed in, never global: several apps share a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector, CollectorRegistry

from libs.common.clock import Clock, SystemClock

PREFIX = "headgate_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
RENDER_FOR_S = 1.0
# Seconds. From a memory hit (1 ms) to the longest upstream time-out (30 s).
SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

M = TypeVar("M", bound=MetricWrapperBase)
Counts = Callable[[], Mapping[tuple[str, ...], float]]
"""Counts by the values of their labels."""


class Metrics:
    """Makes each metric once, by name; asking again gives the same one. Names get the prefix `headgate_`."""

    def __init__(
        self, service: str, *, registry: CollectorRegistry | None = None, clock: Clock | None = None
    ) -> None:
        self.service = service
        self.registry = registry if registry is not None else CollectorRegistry(auto_describe=False)
        self._clock: Clock = clock if clock is not None else SystemClock()
        self._made: dict[str, MetricWrapperBase] = {}
        self._counted_elsewhere: dict[str, CountedElsewhere] = {}
        self._rendered = b""
        self._rendered_until = float("-inf")
        ProcessCollector(registry=self.registry)

    def counter(self, name: str, help: str, labels: Sequence[str] = ()) -> Counter:
        return self._once(Counter, name, lambda full: Counter(full, help, labels, registry=self.registry))

    def gauge(self, name: str, help: str, labels: Sequence[str] = ()) -> Gauge:
        return self._once(Gauge, name, lambda full: Gauge(full, help, labels, registry=self.registry))

    def histogram(
        self,
        name: str,
        help: str,
        labels: Sequence[str] = (),
        *,
        buckets: Sequence[float] = SECONDS_BUCKETS,
    ) -> Histogram:
        return self._once(
            Histogram,
            name,
            lambda full: Histogram(full, help, labels, registry=self.registry, buckets=buckets),
        )

    def counted_elsewhere(self, name: str, help: str, labels: Sequence[str], counts: Counts) -> None:
        """A counter that somebody else keeps, such as Redis; asking again adds these counts to it."""
        full = PREFIX + name
        counter = self._counted_elsewhere.get(full)
        if counter is None:
            counter = self._counted_elsewhere[full] = CountedElsewhere(full, help, labels)
            self.registry.register(counter)
        counter.sources.append(counts)

    def values(self, name: str) -> list[tuple[Mapping[str, str], float]]:
        """What one gauge, or counter by its name with `_total`, says now; empty if there is none."""
        full = PREFIX + name
        families = self.registry.restricted_registry([full]).collect()
        return [(one.labels, one.value) for family in families for one in family.samples if one.name == full]

    def render(self) -> bytes:
        """The text that Prometheus reads. Kept for a second: rendering a large registry blocks the loop."""
        now = self._clock.monotonic()
        if now >= self._rendered_until:
            self._rendered = generate_latest(self.registry)
            self._rendered_until = now + RENDER_FOR_S
        return self._rendered

    def _once(self, kind: type[M], name: str, make: Callable[[str], M]) -> M:
        full = name if name.startswith(PREFIX) else PREFIX + name
        metric = self._made.get(full)
        if metric is None:
            metric = self._made[full] = make(full)
        if not isinstance(metric, kind):
            raise TypeError(f"{full} is a {type(metric).__name__}, not a {kind.__name__}")
        return metric


class CountedElsewhere(Collector):
    """Reads its counts whenever somebody scrapes. Of two sources with the same labels the later counts."""

    def __init__(self, name: str, help: str, labels: Sequence[str]) -> None:
        self.name = name
        self.help = help
        self.labels = tuple(labels)
        self.sources: list[Counts] = []

    def describe(self) -> Iterator[Metric]:
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        merged: dict[tuple[str, ...], float] = {}
        for counts in self.sources:
            merged.update(counts())
        for values, count in merged.items():
            family.add_metric(values, count)
        yield family

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self.name, self.help, labels=self.labels)

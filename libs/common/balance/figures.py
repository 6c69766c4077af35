"""What Prometheus is told about the instances of a service."""

from __future__ import annotations

from contextlib import suppress

from libs.common.balance.member import Member
from libs.common.metrics import Metrics

# Not `service` and `instance`: Prometheus calls so where a series comes from.
_OF_ONE = ("backend", "replica")


class Figures:
    """Of one service. An instance's series go with it, so their number is bounded by the instances."""

    def __init__(self, service: str, metrics: Metrics) -> None:
        self._service = service
        self._outstanding = metrics.gauge(
            "instance_outstanding", "Calls to an instance that are not answered yet.", _OF_ONE
        )
        self._up = metrics.gauge(
            "instance_up", "1 while an instance passes its checks, 0 while it fails or drains.", _OF_ONE
        )
        self._ejected = metrics.gauge(
            "instance_ejected", "1 while an instance is left alone because calls to it failed.", _OF_ONE
        )
        self._ejections = metrics.counter(
            "instance_ejections", "Times an instance was ejected because calls to it failed.", _OF_ONE
        )
        self._retries = metrics.counter(
            "instance_retries", "Calls sent once more, to another instance, by reason.", ("backend", "reason")
        )
        self._overloaded = metrics.counter(
            "backend_overloaded", "Calls that a service refused because it had too much to do.", ("backend",)
        ).labels(service)
        self._hedges = metrics.counter(
            "hedged_calls", "Second copies of slow reads by outcome.", ("backend", "outcome")
        )

    def watch(self, member: Member) -> None:
        """Read its figures whenever somebody scrapes, which costs a call nothing."""
        labels = (self._service, member.label)
        self._outstanding.labels(*labels).set_function(lambda: member.outstanding)
        self._up.labels(*labels).set_function(lambda: member.ready)
        self._ejected.labels(*labels).set_function(lambda: not member.admits)
        self._ejections.labels(*labels)

    def ejection(self, label: str) -> None:
        self._ejections.labels(self._service, label).inc()

    def retried(self, reason: str) -> None:
        self._retries.labels(self._service, reason).inc()

    def overloaded(self) -> None:
        self._overloaded.inc()

    def hedged(self, outcome: str) -> None:
        self._hedges.labels(self._service, outcome).inc()

    def forget(self, label: str) -> None:
        for metric in (self._outstanding, self._up, self._ejected, self._ejections):
            with suppress(KeyError):
                metric.remove(self._service, label)

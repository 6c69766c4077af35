"""What Prometheus is told about the connections of client sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from libs.common.http.session import ClientSession
from libs.common.metrics import Metrics


def watch_connections(sessions: Callable[[], Iterable[ClientSession]], pool: str, metrics: Metrics) -> None:
    """Tell the connections of `sessions` together as those of `pool`, a service or a kind of upstream."""

    def total(count: Callable[[Any], int]) -> Callable[[], float]:
        # The counts are not public, and tracing each request would cost more.
        return lambda: sum(count(session.connector) for session in sessions() if not session.closed)

    figures: dict[str, tuple[str, Callable[[], float]]] = {
        "http_client_connections_in_use": (
            "Outgoing connections with a request under way.",
            total(lambda connector: len(connector._acquired)),
        ),
        "http_client_idle_connections": (
            "Outgoing connections kept for the next request.",
            total(lambda connector: sum(map(len, connector._conns.values()))),
        ),
        "http_client_waiting": (
            "Requests waiting for an outgoing connection.",
            total(lambda connector: sum(map(len, connector._waiters.values()))),
        ),
    }
    for name, (help_, read) in figures.items():
        metrics.gauge(name, help_, ("pool",)).labels(pool).set_function(read)

"""Ports for whoever is started next: asked for long before anybody listens on them."""

from __future__ import annotations

import socket

from deploy.cluster import ports
from deploy.cluster.ports import free_port


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(1000)]

    assert len(set(given)) == len(given)


def test_none_is_one_that_outgoing_connections_get() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as call,
    ):
        assert call.getsockname()[1] >= ports.LAST

    assert all(ports.FIRST <= free_port() < ports.LAST for _ in range(100))


def test_one_that_is_in_use_is_passed_over() -> None:
    taken = free_port()
    with socket.create_server(("127.0.0.1", taken)):
        assert not ports.is_free(taken)
    assert ports.is_free(taken)

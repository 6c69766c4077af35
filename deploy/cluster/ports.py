"""Ports of the loopback for whoever is started next."""

from __future__ import annotations

import random
import socket

FIRST, LAST = 10_000, 32_000
"""Below those of outgoing connections on Linux, which would take a port while nobody listens on it."""

_given: set[int] = set()


def free_port() -> int:
    """A port that nobody uses, and that this process has not given before."""
    while len(_given) < LAST - FIRST:
        port = random.randrange(FIRST, LAST)  # noqa: S311  nothing to guess
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError("no port is left")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

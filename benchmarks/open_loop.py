"""Requests at a fixed rate, each timed from when it was due: a server that stalls can't slow its own clock.

Run as a process of its own, so that the load has a core while it measures: `python -m benchmarks.open_loop
URL RATE SECONDS`, headers as a JSON object on standard input, percentiles in seconds on standard output. It
speaks just enough HTTP/1.1 for answers with a Content-Length: a whole client would take from the server it
measures, on a machine of two cores, a third of one.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import cast
from urllib.parse import urlsplit

from libs.common.clock import SystemClock
from libs.common.serve import run_loop

CONNECTIONS = 64
WARM_UP_S = 0.5
"""What is asked meanwhile isn't timed."""
LATE_S = 10.0
"""What hasn't been answered so long after the last was due never will be."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from due to answered; `failed` counts what was no 2xx, or never came.

    The first was due at `began_s` and the last answered at `ended_s` of the machine's monotonic clock.
    """

    p50_s: float
    p99_s: float
    sent: int
    failed: int
    began_s: float
    ended_s: float


def latency(url: str, *, rate: float, seconds: float, headers: Mapping[str, str]) -> Latency:
    """What `rate` requests a second, for that long, meet at `url`."""
    command = [sys.executable, "-m", "benchmarks.open_loop", url, str(rate), str(seconds)]
    done = subprocess.run(command, input=json.dumps(headers), capture_output=True, text=True, check=True)
    return Latency(**json.loads(done.stdout))


class Load:
    """Sends what is due by whichever connection is free, and keeps what isn't sent yet in a line."""

    def __init__(self) -> None:
        self.first = 0.0
        self.free: deque[Connection] = deque()
        self.line: deque[tuple[float, bytes]] = deque()
        self.took: list[float] = []
        self.failed = 0
        self.open = 0
        self.idle = asyncio.Event()
        self.now = SystemClock().monotonic  # uvloop's own time stands still within a millisecond

    def ask(self, due: float, request: bytes) -> None:
        self.open += 1
        self.idle.clear()
        if self.free:
            self.free.pop().send(due, request)
        else:
            self.line.append((due, request))

    async def connect(self, url: str) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        for _ in range(CONNECTIONS):
            await asyncio.get_running_loop().create_connection(lambda: Connection(self), host, port)

    async def latency(self, *, sent: int, began_s: float) -> Latency:
        """What all of them met, once they are answered or never will be."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE_S):
                await self.idle.wait()
        took = sorted(self.took)
        failed = self.failed + self.open
        return Latency(took[len(took) // 2], took[int(len(took) * 0.99)], sent, failed, began_s, self.now())

    def answered(self, connection: Connection, due: float, status: int) -> None:
        self.open -= 1
        self.failed += not 200 <= status < 300
        if due >= self.first:
            self.took.append(self.now() - due)
        if not self.open:
            self.idle.set()
        if self.line:
            connection.send(*self.line.popleft())
        else:
            self.free.append(connection)


class Connection(asyncio.Protocol):
    """One question at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._due = 0.0
        self._told = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's isn't one by its class
        self._load.free.append(self)

    def send(self, due: float, request: bytes) -> None:
        assert self._transport is not None
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._told += data
        head, found, body = self._told.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if found else None
        if length is not None and len(body) >= int(length[1]):
            status, self._told = int(head[9:12]), b""
            self._load.answered(self, self._due, status)


async def _load(url: str, rate: float, seconds: float, headers: Mapping[str, str]) -> Latency:
    parts = urlsplit(url)
    lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "".join(f"{line}\r\n" for line in [*lines, ""]).encode()
    load = Load()
    await load.connect(url)
    load.first = first = load.now() + WARM_UP_S
    warming, timed = int(rate * WARM_UP_S), int(rate * seconds)
    for number in range(-warming, timed):
        due = first + number / rate
        if due > load.now():
            await asyncio.sleep(due - load.now())
        load.ask(due, request)
    return await load.latency(sent=warming + timed, began_s=first - warming / rate)


async def _main(arguments: list[str]) -> None:
    url, rate, seconds = arguments
    found = await _load(url, float(rate), float(seconds), json.loads(sys.stdin.read()))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    run_loop(_main(sys.argv[1:]))

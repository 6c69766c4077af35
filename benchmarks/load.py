"""wrk, and the small HTTP calls a benchmark needs before and after it."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from types import MappingProxyType

CLIENTS = 20
RUN_S = 5
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def requests_per_s(
    url: str, *, clients: int = CLIENTS, seconds: int = RUN_S, headers: Mapping[str, str] = NO_HEADERS
) -> float:
    """Answers per second that wrk gets from `url` by one thread; raises if any answer is not a 2xx."""
    sent = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", *sent, url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(printed)
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    assert found is not None, printed
    return float(found[1])


def call(method: str, url: str, body: object = None, token: str = "") -> object:
    """One JSON call; raises on anything but a 2xx."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def wait_for(done: Callable[[], bool], what: str, *, limit_s: float = 20.0, every_s: float = 0.01) -> None:
    """Returns once `done()`; a benchmark that can't begin says so."""
    end = time.monotonic() + limit_s  # noqa: TID251  measures the real clock
    while not done():
        if time.monotonic() > end:  # noqa: TID251
            raise RuntimeError(f"gave up waiting for {what}")
        time.sleep(every_s)

"""Players that report where they are: how long each waits until it is on disk.

`python -m benchmarks.progress URL SECONDS` is the load, in a process of its own: access tokens as a JSON list
on standard input, percentiles in seconds on standard output.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call
from benchmarks.open_loop import WARM_UP_S, Latency, Load
from libs.common.serve import run_loop
from tests.harness.hub import UNLIMITED, Mode, running, stores

PLAYERS = 500
EVERY_S = 10.0
AT_RANDOM = 50.0
"""Writes a second beside the players' own."""
SECONDS = 30.0
ACCOUNTS = 10
PASSWORD = "a member's password"
FILM_S = 7200
SEED = 6
MODES: tuple[Mode, ...] = ("embedded", "split")


def measure() -> list[Figure]:
    return [_measured(mode) for mode in MODES]


def _measured(mode: Mode) -> Figure:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = dict(UNLIMITED)
        if mode == "split":
            environment |= stack.enter_context(stores())
        hub = stack.enter_context(running(mode, environment, folder))
        tokens = members(hub.url, owner.sign_in(hub.url), ACCOUNTS)
        command = [sys.executable, "-m", "benchmarks.progress", hub.url, str(SECONDS)]
        done = subprocess.run(command, input=json.dumps(tokens), capture_output=True, text=True, check=True)
    met = Latency(**json.loads(done.stdout))
    if met.failed:
        raise RuntimeError(f"{met.failed} of {met.sent} reports failed")
    note = (
        f"{PLAYERS} players every {EVERY_S:.0f} s and {AT_RANDOM:.0f}/s at random, {met.sent:,} in all,"
        f" due at fixed times, through the gateway; p50 {1000 * met.p50_s:.1f} ms"
    )
    return Figure(f"progress written, {mode}, p99", 1000 * met.p99_s, "ms", "at most", 50, note)


def members(base: str, token: str, count: int) -> list[str]:
    """Access tokens of so many new accounts."""
    tokens = []
    for number in range(count):
        credentials = {"username": f"member{number}", "password": PASSWORD}
        call("POST", f"{base}/api/v1/accounts", {**credentials, "tier": "premium"}, token)
        answer = call("POST", f"{base}/api/v1/auth/login", credentials)
        assert isinstance(answer, dict)
        tokens.append(str(answer["access_token"]))
    return tokens


async def _load(base: str, seconds: float, tokens: list[str]) -> Latency:
    load, chance = Load(), random.Random(SEED)
    await load.connect(base)
    load.first = first = load.now() + WARM_UP_S
    plan = _plan(chance, seconds)
    for at, video in plan:
        due = first + at
        if due > load.now():
            await asyncio.sleep(due - load.now())
        load.ask(due, _report(base, tokens[video % len(tokens)], video, at))
    return await load.latency(sent=len(plan), began_s=first - WARM_UP_S)


def _plan(chance: random.Random, seconds: float) -> list[tuple[float, int]]:
    """When each video is reported: those of players at their own pace, others at any time."""
    plan = [
        (at, player)
        for player in range(PLAYERS)
        for at in _times(chance.uniform(-WARM_UP_S, EVERY_S - WARM_UP_S), EVERY_S, seconds)
    ]
    at = -WARM_UP_S
    while (at := at + chance.expovariate(AT_RANDOM)) < seconds:
        plan.append((at, PLAYERS + chance.randrange(PLAYERS)))
    return sorted(plan)


def _times(begin: float, every: float, end: float) -> list[float]:
    return [begin + number * every for number in range(int((end - begin) / every) + 1)]


def _report(base: str, token: str, video: int, at: float) -> bytes:
    body = json.dumps({"position_s": round(600 + at, 3), "duration_s": FILM_S}).encode()
    lines = [
        f"POST /api/v1/progress/tt{video:07} HTTP/1.1",
        f"Host: {urlsplit(base).netloc}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + body


async def _main(arguments: list[str]) -> None:
    base, seconds = arguments
    print(json.dumps(asdict(await _load(base, float(seconds), json.loads(sys.stdin.read())))))


if __name__ == "__main__":
    run_loop(_main(sys.argv[1:]))

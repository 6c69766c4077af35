"""What a call costs more through the gateway than asked of its service itself, at half of what it carries."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call, requests_per_s
from benchmarks.open_loop import Latency, latency
from libs.common.clock import SystemClock
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.secrets import SecretKey
from tests.harness.hub import SECRET, UNLIMITED, running, stores

QUESTION = "/api/v1/manifest"
ROUNDS = 7
ROUND_S = 4.0
MOST_S = 2


def measure() -> list[Figure]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {**stack.enter_context(stores()), **UNLIMITED}
        hub = stack.enter_context(running("split", environment, folder))
        token = owner.sign_in(hub.url)
        through = {"Authorization": f"Bearer {token}"}
        direct = {HEADER: _identity(call("GET", f"{hub.url}/api/v1/me", token=token))}
        gateway, service = hub.url + QUESTION, hub.environment["HEADGATE_CATALOG_URL"] + QUESTION
        rates, rounds = list[float](), list[tuple[Latency, Latency]]()
        for _ in range(ROUNDS):
            # Half of what it carries now: a shared machine has not the same power from minute to minute.
            rates.append(rate := requests_per_s(gateway, seconds=MOST_S, headers=through) / 2)
            bare = latency(service, rate=rate, seconds=ROUND_S, headers=direct)
            rounds.append((bare, latency(gateway, rate=rate, seconds=ROUND_S, headers=through)))
    if any(each.failed for pair in rounds for each in pair):
        raise RuntimeError(f"some requests failed: {rounds}")
    note = (
        f"{median(rates):,.0f} requests/s due at fixed times, half of the gateway's most just before; "
        f"median of {ROUNDS} alternating rounds"
    )
    p50_ms = median(1000 * (ours.p50_s - bare.p50_s) for bare, ours in rounds)
    p99_ms = median(1000 * (ours.p99_s - bare.p99_s) for bare, ours in rounds)
    return [
        Figure("added by the gateway, p50", p50_ms, "ms", "at most", 1.0, note),
        Figure("added by the gateway, p99", p99_ms, "ms", "at most", 5.0, note),
    ]


def _identity(me: Any) -> str:
    """The header by which the gateway would introduce the owner, valid while the measuring lasts."""
    identity = Identity(me["account"]["id"], me["profile"]["id"], me["tier"], tuple(me["account"]["roles"]))
    return IdentitySigner(SecretKey.from_text(SECRET), SystemClock()).sign(identity, ttl_s=600)

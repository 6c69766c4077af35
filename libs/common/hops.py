"""The hubs a question went through, so that a hub added to itself, or two to each other, end at once.

Each hub names itself in the `CDN-Loop` header (RFC 8586) of what it asks addons, after the names that came
with the question it asks on behalf of. Names of others in that header are theirs and stay here: a network
that counts its own would otherwise take an honest chain for a loop.
"""

from __future__ import annotations

import re

from libs.common.secrets import SecretKey
from libs.common.trace import current_trace

HEADER = "CDN-Loop"
LOOP_CODE = "loop_detected"
"""Of the problem by which a hub refuses its own question, and by which it knows that it was refused."""
MOST_HOPS = 8
"""Hubs behind hubs; a longer chain is nobody's intention."""

_NAME = re.compile(r"\bheadgate-[0-9a-f]{16}\b")


def own_name(key: SecretKey) -> str:
    """The same in every service and replica of one installation; says nothing about it or its key."""
    return f"headgate-{key.derive('hop name')[:8].hex()}"


def read_hops(header: str) -> tuple[str, ...]:
    """The hubs named in a header, in order, one more than `MOST_HOPS` at most."""
    return tuple(match[0] for match, _ in zip(_NAME.finditer(header), range(MOST_HOPS + 1), strict=False))


def is_loop(hops: tuple[str, ...], name: str) -> bool:
    """Whether the hub called `name` asked for this itself, or the chain is too long to end."""
    return name in hops or len(hops) > MOST_HOPS


def outgoing(name: str = "") -> dict[str, str]:
    """The header for a call on behalf of the current request; with `name`, one that leaves the hub."""
    trace = current_trace.get()
    hops = trace.hops if trace is not None else ()
    named = (*hops, name) if name else hops
    return {HEADER: ", ".join(named)} if named else {}

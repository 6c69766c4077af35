"""What is known of one request, and what handlers ask of it."""

from __future__ import annotations

from aiohttp import web

from libs.common.clock import Clock
from libs.common.deadline import HEADER as DEADLINE_HEADER
from libs.common.deadline import Deadline
from libs.common.identity import ANONYMOUS, Identity
from libs.common.trace import Trace


class RequestState:
    """What the edge knows about one request."""

    __slots__ = (
        "clock",
        "deadline",
        "default_deadline_s",
        "identity",
        "is_flood",
        "started",
        "trace",
        "trusted",
    )

    def __init__(
        self, trace: Trace, clock: Clock, *, started: float, trusted: bool, default_deadline_s: float
    ) -> None:
        self.trace = trace
        self.clock = clock
        self.started = started
        self.trusted = trusted
        self.default_deadline_s = default_deadline_s
        self.identity = ANONYMOUS
        self.deadline: Deadline | None = None
        self.is_flood = False


STATE: web.RequestKey[RequestState] = web.RequestKey("headgate_state", RequestState)


def identity_of(request: web.Request) -> Identity:
    """Who is asking; ANONYMOUS when nobody said."""
    return request[STATE].identity


def set_identity(request: web.Request, identity: Identity) -> None:
    """Say who is asking, where a handler or middleware finds out itself (a token in the path)."""
    request[STATE].identity = identity


def request_id_of(request: web.Request) -> str:
    """The id under which the logs of all services know this request."""
    return request[STATE].trace.request_id


def hops_of(request: web.Request) -> tuple[str, ...]:
    """The hubs this request went through, as they call themselves; anybody may claim anything."""
    return request[STATE].trace.hops


def deadline_of(request: web.Request) -> Deadline:
    """When the answer is no longer wanted: what a trusted caller left us, at most the app's default."""
    state = request[STATE]
    if state.deadline is None:
        header = request.headers.get(DEADLINE_HEADER) if state.trusted else None
        waited = state.clock.monotonic() - state.started
        found = Deadline.from_header(header, state.clock, state.default_deadline_s)
        state.deadline = Deadline(state.clock, found.at - waited)
    return state.deadline

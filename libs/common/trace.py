"""What follows a request through the services: its id, its W3C trace and the hubs it went through."""

from __future__ import annotations

import random
import re
from contextvars import ContextVar
from dataclasses import dataclass, field

REQUEST_ID_HEADER = "X-Request-Id"
TRACEPARENT_HEADER = "traceparent"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_SAMPLED = "01"


@dataclass(slots=True)
class Trace:
    """One request on its way. The trace id is made when first asked for: most answers come from memory."""

    request_id: str
    parent: str | None = None
    hops: tuple[str, ...] = ()
    service: str = ""
    _ids: tuple[str, str, str] | None = field(default=None, repr=False)
    _span_id: str = field(default="", repr=False)

    @property
    def trace_id(self) -> str:
        return self._trace()[0]

    @property
    def span_id(self) -> str:
        """What this service does for the request, as a part of the trace."""
        if not self._span_id:
            self._span_id = f"{random.getrandbits(64) | 1:016x}"
        return self._span_id

    @property
    def parent_span_id(self) -> str:
        """The span of whoever asked; empty when the trace begins here."""
        return self._trace()[1]

    @property
    def flags(self) -> str:
        return self._trace()[2]

    @property
    def traceparent(self) -> str:
        """For a call made on behalf of this request: the same trace, each time a new span."""
        trace_id, _, flags = self._trace()
        return f"00-{trace_id}-{random.getrandbits(64) | 1:016x}-{flags}"

    def _trace(self) -> tuple[str, str, str]:
        if self._ids is None:
            match = _TRACEPARENT.fullmatch(self.parent) if self.parent is not None else None
            if match is not None:
                self._ids = (match[1], match[2], match[3])
            else:
                self._ids = (f"{random.getrandbits(128) | 1:032x}", "", _SAMPLED)
        return self._ids


current_trace: ContextVar[Trace | None] = ContextVar("headgate_trace", default=None)
"""The request this code runs for; None in background work. Tasks inherit it from whoever starts them."""


def outgoing_headers() -> dict[str, str]:
    """The headers with which a call to another service carries the current request on; empty without one."""
    trace = current_trace.get()
    if trace is None:
        return {}
    return {REQUEST_ID_HEADER: trace.request_id, TRACEPARENT_HEADER: trace.traceparent}


def valid_request_id(value: str | None) -> bool:
    return value is not None and _REQUEST_ID.fullmatch(value) is not None

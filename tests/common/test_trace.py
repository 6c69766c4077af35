"""Request ids and W3C trace context on outgoing calls."""

from __future__ import annotations

import pytest

from libs.common.trace import Trace, current_trace, outgoing_headers, valid_request_id

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_call_continues_the_trace_with_a_span_of_its_own() -> None:
    version, trace_id, span_id, flags = Trace("r1", PARENT).traceparent.split("-")
    assert (version, trace_id, flags) == ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "01")
    assert span_id != "00f067aa0ba902b7"
    assert len(span_id) == 16


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "nonsense",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    ],
)
def test_an_invalid_parent_starts_a_new_trace(parent: str | None) -> None:
    trace = Trace("r1", parent)
    assert len(trace.trace_id) == 32
    assert trace.trace_id != "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace.traceparent.split("-")[1] == trace.trace_id


def test_one_request_keeps_one_trace_id() -> None:
    trace = Trace("r1")
    assert trace.traceparent.split("-")[1] == trace.traceparent.split("-")[1]


async def test_outgoing_calls_carry_the_current_request() -> None:
    assert outgoing_headers() == {}
    current_trace.set(Trace("r1", PARENT))
    headers = outgoing_headers()
    assert headers["X-Request-Id"] == "r1"
    assert headers["traceparent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")


@pytest.mark.parametrize(("value", "valid"), [("a.B_9-", True), ("", False), (None, False), ("a b", False)])
def test_request_ids_are_short_and_plain(value: str | None, valid: bool) -> None:
    assert valid_request_id(value) is valid
    assert not valid_request_id("x" * 129)

"""Spans for OpenTelemetry, if it is installed and OTEL_EXPORTER_OTLP_ENDPOINT is set; nothing otherwise.

The ids are those of `libs.common.trace`, so that a trace and the log lines about it are found by the same id:
spans are made when they have ended, from what is known anyway, and handed to the SDK's exporter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import TraceConfig

from libs.common.clock import Clock, SystemClock
from libs.common.trace import TRACEPARENT_HEADER, Trace, current_trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import SpanContext, SpanKind

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

log = structlog.get_logger(__name__)


@contextmanager
def exporting(environment: Mapping[str, str]) -> Iterator[None]:
    """Apps and sessions made in this block export their spans; what has ended is sent before it is left."""
    if not environment.get(ENDPOINT):
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  an extra
    except ImportError:
        log.warning("opentelemetry_not_installed", advice="pip install headgate[otel]")
        yield
        return
    processor = BatchSpanProcessor(OTLPSpanExporter())
    token = current_spans.set(Spans(processor, SystemClock()))
    try:
        yield
    finally:
        current_spans.reset(token)
        processor.shutdown()  # type: ignore[no-untyped-call]  # the SDK says no types here


class Spans:
    """Tells a processor about requests answered and calls made. Loaded only where it is used."""

    def __init__(self, processor: SpanProcessor, clock: Clock) -> None:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  an extra

        self._processor = processor
        self._clock = clock
        self._resource = Resource.create
        self._resources: dict[str, Resource] = {}

    def answered(self, trace: Trace, method: str, route: str, status: int, elapsed_s: float) -> None:
        """A request that this process has answered."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  an extra

        self._end(
            trace,
            f"{method} {route}",
            SpanKind.SERVER,
            span_id=trace.span_id,
            parent_id=trace.parent_span_id,
            elapsed_s=elapsed_s,
            attributes={
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
                "headgate.request_id": trace.request_id,
            },
            failed=status >= 500,
        )

    def of_calls(self) -> TraceConfig:
        """Makes a session tell about its calls that carry a trace on: those to other services."""
        config = TraceConfig()

        async def started(_session: object, call: Any, _params: Any) -> None:
            call.started = self._clock.monotonic()

        async def ended(_session: object, call: Any, params: Any) -> None:
            self._called(params, self._clock.monotonic() - call.started, params.response.status)

        async def failed(_session: object, call: Any, params: Any) -> None:
            self._called(params, self._clock.monotonic() - call.started, None)

        config.on_request_start.append(started)
        config.on_request_end.append(ended)
        config.on_request_exception.append(failed)
        return config

    def _called(self, params: Any, elapsed_s: float, status: int | None) -> None:
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  an extra

        trace, sent = current_trace.get(), params.headers.get(TRACEPARENT_HEADER)
        if trace is None or sent is None:
            return
        attributes: dict[str, str | int] = {
            "http.request.method": params.method,
            "server.address": params.url.host or "",
        }
        if status is not None:
            attributes["http.response.status_code"] = status
        self._end(
            trace,
            params.method,
            SpanKind.CLIENT,
            span_id=sent.split("-")[2],
            parent_id=trace.span_id,
            elapsed_s=elapsed_s,
            attributes=attributes,
            failed=status is None or status >= 500,
        )

    def _end(
        self,
        trace: Trace,
        name: str,
        kind: SpanKind,
        *,
        span_id: str,
        parent_id: str,
        elapsed_s: float,
        attributes: Mapping[str, str | int],
        failed: bool,
    ) -> None:
        from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415  an extra
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415  an extra

        ended = self._clock.time()
        span = ReadableSpan(
            name,
            context=_context(trace, span_id),
            parent=_context(trace, parent_id) if parent_id else None,
            resource=self._of(trace.service),
            attributes=attributes,
            kind=kind,
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=int((ended - elapsed_s) * 1e9),
            end_time=int(ended * 1e9),
        )
        self._processor.on_end(span)

    def _of(self, service: str) -> Any:
        if service not in self._resources:
            named = {"service.name": f"headgate-{service}", "service.namespace": "headgate"}
            self._resources[service] = self._resource(named)
        return self._resources[service]


def _context(trace: Trace, span_id: str) -> SpanContext:
    from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415  an extra

    return SpanContext(
        int(trace.trace_id, 16),
        int(span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(int(trace.flags, 16)),
    )


current_spans: ContextVar[Spans | None] = ContextVar("headgate_spans", default=None)
"""Where spans go; None, and nothing to pay, without OpenTelemetry. Read when an app or a session is made."""

"""One request through two services, as a collector of OpenTelemetry sees it."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.otlp import Collector, Received
from tests.harness.clients import Api
from tests.harness.hub import running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


def _find(spans: list[Received], service: str, kind: str, name: str) -> Received:
    return next(span for span in spans if (span.service, span.kind, span.name) == (service, kind, name))


async def test_a_request_is_one_trace_from_proxy_to_service(tmp_path: Path) -> None:
    async with Collector() as collector:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "HEADGATE_TRUSTED_PROXIES": "127.0.0.0/8",
            "HEADGATE_ACCESS_LOG_SAMPLE": "1",
        }
        with running("embedded", environment, tmp_path) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(USERNAME, PASSWORD)
                headers = {
                    "Authorization": f"Bearer {api.token}",
                    "traceparent": f"00-{TRACE}-{PARENT}-01",
                }
                async with api.session.get(f"{hub.url}/api/v1/catalogs", headers=headers) as answer:
                    assert answer.status == 200

            async def has_arrived() -> bool:
                names = {span.service for span in collector.spans if span.trace_id == TRACE}
                return {"headgate-gateway", "headgate-catalog"} <= names

            await until(has_arrived)
            assert f'"trace_id":"{TRACE}"' in hub.logs()
    spans = [span for span in collector.spans if span.trace_id == TRACE]
    inner = _find(spans, "headgate-catalog", "server", "GET /api/v1/catalogs")
    call = next(span for span in spans if span.kind == "client" and span.span_id == inner.parent_id)
    outer = next(span for span in spans if span.kind == "server" and span.span_id == call.parent_id)
    assert (outer.service, outer.parent_id) == ("headgate-gateway", PARENT)
    assert inner.attributes["http.response.status_code"] == "200"
    assert "Bearer" not in str(collector.spans)

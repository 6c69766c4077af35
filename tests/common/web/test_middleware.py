"""The edge: ids, identity, access, errors, metrics and the log line of each request."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientError, web
from pytest_aiohttp import AiohttpClient, AiohttpServer
from structlog.testing import capture_logs

from libs.common.contracts.client import ServiceClient
from libs.common.errors import RateLimited, UpstreamFailed
from libs.common.identity import Identity, IdentitySigner
from libs.common.trace import current_trace
from libs.common.web import deadline_of, identity_of, json_response, request_id_of, set_identity
from libs.common.web.app import METRICS
from libs.common.web.endpoints import Access
from tests.common.web.service import endpoint, ok, service, signed
from tests.fakes.clock import ManualClock
from tests.fakes.settings import common_settings

USER = Identity("acc_1", "pro_1", "free", ())
OWNER = Identity("acc_1", "pro_1", "premium", ("owner",))
SERVICE = Identity("", "", "api", ("service",))
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PROXY = {"HEADGATE_TRUSTED_PROXIES": "127.0.0.0/8"}


async def tell(request: web.Request) -> web.Response:
    trace = current_trace.get()
    assert trace is not None
    return json_response(
        {
            "id": request_id_of(request),
            "parent": trace.parent,
            "account": identity_of(request).account_id,
            "remaining": deadline_of(request).remaining_s,
        }
    )


async def test_each_answer_has_an_id_of_its_own(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    ids = {(await client.get("/thing")).headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


async def test_a_stranger_chooses_neither_id_nor_trace_nor_deadline(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(tell)]))
    headers = {"X-Request-Id": "mine", "traceparent": PARENT, "X-Request-Deadline-Ms": "5"}
    told = await (await client.get("/thing", headers=headers)).json()
    assert told["id"] != "mine"
    assert told["parent"] is None
    assert told["remaining"] == 30


async def test_a_trusted_proxy_passes_id_trace_and_deadline_on(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(tell)], variables=PROXY))
    headers = {"X-Request-Id": "theirs", "traceparent": PARENT, "X-Request-Deadline-Ms": "1500"}
    answer = await client.get("/thing", headers=headers)
    told = await answer.json()
    assert (told["id"], told["parent"], told["remaining"]) == ("theirs", PARENT, 1.5)
    assert answer.headers["X-Request-Id"] == "theirs"


async def test_a_call_signed_by_this_installation_passes_its_id_on(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(tell)]))
    headers = {**signed(tmp_path, clock, USER), "X-Request-Id": "inner"}
    told = await (await client.get("/thing", headers=headers)).json()
    assert (told["id"], told["account"]) == ("inner", "acc_1")


async def test_an_id_that_is_not_plain_is_replaced(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(tell)], variables=PROXY))
    told = await (await client.get("/thing", headers={"X-Request-Id": "a b;c"})).json()
    assert told["id"] != "a b;c"


async def test_time_spent_before_asking_counts_against_the_deadline(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def slow(request: web.Request) -> web.Response:
        clock.advance(10)
        return await tell(request)

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(slow)], default_deadline_s=12))
    assert (await (await client.get("/thing")).json())["remaining"] == 2


async def test_a_forged_identity_is_refused(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    answer = await client.get("/thing", headers={"X-Headgate-Identity": "bm90IG91cnM="})
    assert answer.status == 401
    assert (await answer.json())["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("access", "identity", "status"),
    [
        ("public", None, 200),
        ("account", None, 401),
        ("account", USER, 200),
        ("account", SERVICE, 401),
        ("admin", None, 401),
        ("admin", USER, 403),
        ("admin", OWNER, 200),
        ("internal", None, 403),
        ("internal", OWNER, 403),
        ("internal", SERVICE, 200),
        ("internal", USER.as_service(), 200),
    ],
)
async def test_access_is_checked_before_the_handler_runs(
    access: Access,
    identity: Identity | None,
    status: int,
    *,
    aiohttp_client: AiohttpClient,
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    ran = list[str]()

    async def handler(request: web.Request) -> web.Response:
        ran.append(request.method)
        return await ok(request)

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(handler, access=access)]))
    headers = signed(tmp_path, clock, identity) if identity is not None else {}
    for method in ("GET", "HEAD"):
        assert (await client.request(method, "/thing", headers=headers)).status == status
    assert bool(ran) is (status == 200)


async def test_a_face_to_players_finds_out_itself_who_asks_and_ignores_the_inner_header(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def by_token(request: web.Request) -> Identity:
        return USER if request.headers.get("Authorization") == "Bearer good" else Identity()

    app = service(tmp_path, clock, [endpoint(tell, access="account")], authenticate=by_token)
    client = await aiohttp_client(app)
    inner = {**signed(tmp_path, clock, OWNER), "X-Request-Id": "mine"}
    assert (await client.get("/thing", headers=inner)).status == 401
    told = await client.get("/thing", headers={**inner, "Authorization": "Bearer good"})
    assert told.status == 200
    assert told.headers["X-Request-Id"] != "mine"


async def test_a_middleware_inside_may_set_the_identity_and_raise_errors(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    @web.middleware
    async def inner(request: web.Request, handler: object) -> web.StreamResponse:
        if "X-Flood" in request.headers:
            raise RateLimited("Slow down.", retry_after_s=1.2)
        set_identity(request, USER)
        return await tell(request)

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(tell)], middlewares=[inner]))
    assert (await (await client.get("/thing")).json())["account"] == "acc_1"
    flooded = await client.get("/thing", headers={"X-Flood": "1"})
    assert (flooded.status, flooded.headers["Retry-After"]) == (429, "2")


async def test_a_bug_is_an_opaque_500_with_the_id_that_finds_it(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("password=hunter2 in /home/user/file.py")

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(broken)]))
    with capture_logs() as lines:
        answer = await client.get("/thing")
    body = await answer.text()
    assert answer.status == 500
    assert "hunter2" not in body
    assert "RuntimeError" not in body
    assert (await answer.json())["request_id"] == answer.headers["X-Request-Id"]
    assert "request_failed" in [line["event"] for line in lines]


async def test_a_known_error_is_a_problem_with_its_fields(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def out(_request: web.Request) -> web.Response:
        raise UpstreamFailed("The addon answered with HTML.", fields={"url": "not an addon"})

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(out)]))
    answer = await client.get("/thing")
    assert answer.status == 502
    assert answer.content_type == "application/problem+json"
    assert await answer.json() == {
        "type": "urn:headgate:problem:upstream_failed",
        "title": "The source failed",
        "status": 502,
        "code": "upstream_failed",
        "detail": "The addon answered with HTML.",
        "request_id": answer.headers["X-Request-Id"],
        "errors": {"url": "not an addon"},
    }


async def test_what_the_framework_refuses_is_a_problem_too(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(), endpoint(method="POST")]))
    missing, wrong = await client.get("/nowhere"), await client.delete("/thing")
    assert (missing.status, (await missing.json())["code"]) == (404, "not_found")
    assert (wrong.status, (await wrong.json())["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET,HEAD,POST"


async def test_a_redirect_passes_with_its_id(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/login")

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(elsewhere)]))
    answer = await client.get("/thing", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert answer.headers["X-Request-Id"]


async def test_an_answer_that_fails_midway_is_cut_and_not_completed(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def breaks_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun")
        raise RuntimeError("broken")

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(breaks_off)]))
    with pytest.raises(ClientError):
        await (await client.get("/thing")).read()


async def test_requests_are_counted_by_route_template_and_status(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    app = service(tmp_path, clock, [endpoint(path="/t/{id}")])
    metrics = app[METRICS]
    client = await aiohttp_client(app)
    for path in ("/t/1", "/t/2", "/nope/secret", "/nope/other"):
        await client.get(path)
    await client.request("PROPFIND", "/t/1")
    clock.advance(2)
    text = metrics.render().decode()
    counts = [line for line in text.splitlines() if "http_request_seconds_count" in line]
    assert counts == [
        'headgate_http_request_seconds_count{method="GET",route="/t/{id}",status="200"} 2.0',
        'headgate_http_request_seconds_count{method="other",route="unmatched",status="404"} 2.0',
        'headgate_http_request_seconds_count{method="other",route="unmatched",status="405"} 1.0',
    ]


async def test_good_answers_are_logged_by_sample_and_refusals_always(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    sampled = {"HEADGATE_ACCESS_LOG_SAMPLE": "0.25"}
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(path="/t/{id}")], variables=sampled))
    with capture_logs() as lines:
        for _ in range(8):
            await client.get("/t/secret?token=x")
        await client.get("/nowhere")
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/t/{id}", 200),
        ("/t/{id}", 200),
        ("unmatched", 404),
    ]
    assert "secret" not in str(lines)


async def test_a_sample_of_zero_logs_refusals_only(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    none = {"HEADGATE_ACCESS_LOG_SAMPLE": "0"}
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()], variables=none))
    with capture_logs() as lines:
        await client.get("/thing")
        await client.get("/nowhere")
    assert [line["status"] for line in lines] == [404]


async def test_health_routes_are_neither_logged_nor_measured(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    every = {"HEADGATE_ACCESS_LOG_SAMPLE": "1"}
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()], variables=every))
    with capture_logs() as lines:
        for path in ("/livez", "/readyz", "/healthz", "/metrics"):
            assert (await client.get(path)).status == 200
    assert lines == []
    clock.advance(2)
    assert "http_request_seconds_count" not in await (await client.get("/metrics")).text()


async def test_requests_beside_each_other_keep_their_own_ids(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    gate = asyncio.Barrier(3)

    async def wait(request: web.Request) -> web.Response:
        await gate.wait()
        return await tell(request)

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(wait)]))
    answers = await asyncio.gather(*(client.get("/thing") for _ in range(3)))
    told = [(await answer.json())["id"] for answer in answers]
    assert told == [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(told)) == 3


async def test_a_line_says_who_asked_for_what_and_never_shows_a_credential(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    app = service(tmp_path, clock, [endpoint()], variables={"HEADGATE_ACCESS_LOG_SAMPLE": "1"})
    client = await aiohttp_client(app)
    headers = {**signed(tmp_path, clock, USER), "Authorization": "Bearer secret-secret"}
    with capture_logs() as lines:
        await client.get("/thing?token=secret-secret", headers=headers)
    (line,) = (line for line in lines if line["event"] == "request")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "service": "auth",
        "method": "GET",
        "route": "/thing",
        "status": 200,
        "account_id": "acc_1",
    }


async def test_a_trace_goes_on_from_service_to_service(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, tmp_path: Path, clock: ManualClock
) -> None:
    inner = await aiohttp_server(service(tmp_path, clock, [endpoint(tell)]))
    signer = IdentitySigner(common_settings(tmp_path).secret_key, clock)

    async def pass_on(request: web.Request) -> web.Response:
        address = f"http://127.0.0.1:{inner.port}"
        async with ServiceClient.connected("inner", address, signer=signer) as called:
            answer = await called.raw(
                "GET", "/thing", identity=identity_of(request), deadline=deadline_of(request)
            )
        return web.Response(body=answer.body, content_type="application/json")

    outer = await aiohttp_client(service(tmp_path, clock, [endpoint(pass_on)], variables=PROXY))
    told = await (await outer.get("/thing", headers={"X-Request-Id": "r1", "traceparent": PARENT})).json()
    assert told["id"] == "r1"
    assert told["parent"].split("-")[1] == PARENT.split("-")[1]
    assert told["parent"].split("-")[2] != PARENT.split("-")[2]

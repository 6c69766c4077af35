"""Fresh, old, in part, or a clear error: each is said in the answer and counted."""

from __future__ import annotations

import pytest

from libs.common.contracts.problems import error_from_problem
from libs.common.errors import Overloaded
from services.gateway.identify import SESSION_COOKIE
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start, passing
from tests.gateway.inner import INSTALL_TOKEN, SESSION_TOKEN, Canned, Inner, problem

ROW = f"/stremio/{INSTALL_TOKEN}/catalog/movie/top.json"
INNER_ROW = "/internal/stremio/catalog/movie/top.json"
REST_ROW = "/api/v1/catalogs/top"
COOKIE = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}


async def counted(gateway: Client, face: str) -> dict[str, float]:
    """What is counted of that face, without what never happened."""
    text = await (await gateway.get("/metrics")).text()
    found = dict[str, float]()
    for line in text.splitlines():
        if line.startswith(f'headgate_answers_total{{face="{face}"'):
            name, _, value = line.rpartition(" ")
            if float(value):
                found[name.split('state="')[1].rstrip('"}')] = float(value)
    return found


async def test_players_answers_are_counted_by_how_they_came_about(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    inner.canned[INNER_ROW] = Canned(headers={"Cache-Control": "max-age=60, stale-if-error=600"})
    for _ in range(3):
        await gateway.get(ROW)
    clock.advance(61)
    inner.canned[INNER_ROW] = Canned(b"{}", status=503)
    assert (await gateway.get(ROW)).headers["X-Headgate-Cache"] == "stale"
    clock.advance(1000)
    assert (await passing(clock, gateway.get(ROW))).status == 503
    assert await counted(gateway, "stremio") == {"miss": 1, "hit": 2, "stale": 1, "error": 1}


async def test_a_stored_refusal_is_counted_like_any_answer(gateway: Client, inner: Inner) -> None:
    inner.canned[INNER_ROW] = Canned(
        b"{}", status=404, headers={"Cache-Control": "max-age=60", "Content-Type": "application/problem+json"}
    )
    assert [(await gateway.get(ROW)).status for _ in range(3)] == [404, 404, 404]
    assert await counted(gateway, "stremio") == {"miss": 1, "hit": 2}


async def test_a_warm_answer_that_a_limit_refuses_is_no_hit(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_LIMIT_WARM="1/h burst 2")
    inner.canned[INNER_ROW] = Canned(headers={"Cache-Control": "max-age=60"})
    assert [(await gateway.get(ROW)).status for _ in range(5)] == [200, 200, 200, 429, 429]
    assert await counted(gateway, "stremio") == {"miss": 1, "hit": 2}


async def test_pages_of_other_origins_may_read_how_it_came_about(gateway: Client, inner: Inner) -> None:
    inner.canned[INNER_ROW] = Canned(headers={"Cache-Control": "max-age=60"})
    for answer in [await gateway.get(ROW), await gateway.get(ROW), await gateway.get("/stremio/x/y")]:
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"X-Headgate-Cache", "X-Headgate-Partial", "Cache-Status", "Proxy-Status"} <= set(exposed)
        assert {"RateLimit", "Retry-After"} <= set(exposed)


async def test_an_answer_without_some_sources_is_counted_as_such(gateway: Client, inner: Inner) -> None:
    headers = {"Cache-Control": "max-age=60", "X-Headgate-Partial": "a1", "X-Headgate-Cache": "miss"}
    inner.canned[INNER_ROW] = Canned(headers=headers)
    answer = await gateway.get(ROW)
    assert (answer.headers["X-Headgate-Cache"], answer.headers["X-Headgate-Partial"]) == ("partial", "a1")
    assert await counted(gateway, "stremio") == {"partial": 1}


@pytest.mark.parametrize(
    ("told", "missing", "shown"),
    [
        ("hit", "", ("hit", "Headgate; hit")),
        ("miss", "", ("miss", "Headgate; fwd=uri-miss")),
        ("stale", "", ("stale", "Headgate; hit; detail=stale")),
        ("miss", "a1,a2", ("partial", "Headgate; fwd=uri-miss; detail=partial")),
        ("bypass", "", ("bypass", "Headgate; fwd=bypass")),
    ],
)
async def test_programs_are_told_how_an_answer_came_about(
    gateway: Client, inner: Inner, told: str, missing: str, shown: tuple[str, str]
) -> None:
    marks = {"X-Headgate-Cache": told, **({"X-Headgate-Partial": missing} if missing else {})}
    inner.canned[REST_ROW] = Canned(headers=marks)
    answer = await gateway.get(REST_ROW, headers={"Authorization": f"Bearer {inner.access_token()}"})
    assert (answer.headers["X-Headgate-Cache"], answer.headers["Cache-Status"]) == shown
    assert await counted(gateway, "rest") == {shown[0]: 1}


async def test_an_answer_of_one_source_is_not_counted(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/addons"] = Canned(headers={})
    answer = await gateway.get("/api/v1/addons", headers={"Authorization": f"Bearer {inner.access_token()}"})
    assert "Cache-Status" not in answer.headers
    assert await counted(gateway, "rest") == {}


@pytest.mark.parametrize(
    ("told", "missing", "state"),
    [("hit", "", "hit"), ("miss", "", "miss"), ("stale", "", "stale"), ("miss", "a1", "partial")],
)
async def test_pages_are_counted_by_what_they_show(
    gateway: Client, inner: Inner, told: str, missing: str, state: str
) -> None:
    marks = {"X-Headgate-Cache": told, **({"X-Headgate-Partial": missing} if missing else {})}
    inner.canned["/api/v1/search?q=x"] = Canned(b'{"groups":[]}', headers=marks)
    assert (await gateway.get("/search?q=x", headers=COOKIE)).status == 200
    assert await counted(gateway, "page") == {state: 1}
    assert await counted(gateway, "rest") == {}


async def test_of_several_parts_a_page_shows_the_worst_counts(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/streaming/viewing/flags"] = Canned(b'{"flags":{}}', headers={})
    for path, told in (("titles/movie/tt1", "hit"), ("streams/movie/tt1", "stale")):
        body = b'{"meta":{"id":"tt1"},"addon_id":"a","addon_name":"A","items":[]}'
        inner.canned[f"/api/v1/{path}"] = Canned(body, headers={"X-Headgate-Cache": told})
    assert (await gateway.get("/title/movie/tt1", headers=COOKIE)).status == 200
    assert await counted(gateway, "page") == {"stale": 1}


async def test_a_page_without_a_part_that_failed_and_one_that_failed_are_counted(
    gateway: Client, inner: Inner
) -> None:
    for path in ("titles/movie/tt1", "streams/movie/tt1", "search?q=x"):
        inner.canned[f"/api/v1/{path}"] = Canned(b'{"code":"upstream_failed"}', status=502)
    assert (await gateway.get("/title/movie/tt1", headers=COOKIE)).status == 200
    assert (await gateway.get("/search?q=x", headers=COOKIE)).status == 502
    assert await counted(gateway, "page") == {"partial": 1, "error": 1}


async def test_a_page_that_asks_no_addon_is_not_counted(gateway: Client) -> None:
    assert (await gateway.get("/login")).status == 200
    assert (await gateway.get("/settings/account", headers=COOKIE, allow_redirects=False)).status < 500
    assert (await gateway.get("/nothing", headers={"Accept": "text/html"})).status == 404
    assert await counted(gateway, "page") == {}


async def test_an_error_names_what_failed_and_when_to_ask_again(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    await gateway.get(REST_ROW, headers=headers)
    await inner.servers["catalog"].close()
    answer = await passing(clock, gateway.get(REST_ROW, headers=headers))
    assert answer.status == 503
    assert answer.headers["Proxy-Status"] == "Headgate; error=destination_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.content_type == "application/problem+json"
    assert await counted(gateway, "rest") == {"error": 1}


async def test_an_inner_service_with_too_much_to_do_is_passed_on_as_such(
    gateway: Client, inner: Inner
) -> None:
    async def overloaded(_request: object) -> object:
        answer = problem(503, "overloaded", "There is more to do here than can be done at the moment.")
        answer.headers["Retry-After"] = "2"
        return answer

    inner.handlers[INNER_ROW] = overloaded  # type: ignore[assignment]  # it reads nothing of the request
    answer = await gateway.get(ROW)
    told = await answer.json()
    assert (answer.status, told["code"], answer.headers["Retry-After"]) == (503, "overloaded", "2")
    assert told["type"].endswith("#temporary-reduced-capacity")
    assert answer.headers["Proxy-Status"] == "Headgate; error=http_request_denied"


def test_overload_survives_the_hop() -> None:
    error = error_from_problem(503, b'{"code": "overloaded"}', "3")
    assert isinstance(error, Overloaded)
    assert error.retry_after_s == 3

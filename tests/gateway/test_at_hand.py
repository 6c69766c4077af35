"""Answers given before routing: the same as a route gives, and none where something stands in the way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from aiohttp import web

from libs.common.hops import own_name
from libs.common.secrets import SecretKey
from libs.common.web.app import EDGE, METRICS, drain
from tests.fakes.clock import settle
from tests.gateway.conftest import Client, OwnServer, Start
from tests.gateway.inner import INSTALL_TOKEN, SECRET, Canned, Inner

ROW = f"/stremio/{INSTALL_TOKEN}/catalog/movie/top.json"
ADDRESS = "203.0.113.7"
FROM_THERE = {"X-Forwarded-For": ADDRESS}
OF_ONE_REQUEST = ("X-Request-ID", "Date", "RateLimit")


@pytest.fixture(autouse=True)
def row(inner: Inner) -> None:
    inner.canned["/internal/stremio/catalog/movie/top.json"] = Canned(body=b'{"metas":[]}' + b" " * 2000)


@pytest.fixture
async def quick(start: Start) -> Client:
    """A gateway that logs no good answer, so none has to go the usual way for that."""
    return await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1", HEADGATE_ACCESS_LOG_SAMPLE="0")


def app_of(client: Client) -> web.Application:
    assert isinstance(client.server, OwnServer)
    return client.server.app


def given_first(client: Client) -> list[bool]:
    """From now on: of each request, whether it was answered before routing."""
    edge = app_of(client)[EDGE]
    answered: list[bool] = []
    first = edge.answer_at_hand

    def told(request: web.Request) -> web.StreamResponse | None:
        response = first(request)
        answered.append(response is not None)
        return response

    edge.answer_at_hand = told  # type: ignore[method-assign]  # no other sign tells the two ways apart
    return answered


async def ask(client: Client, headers: Mapping[str, str] = FROM_THERE) -> tuple[int, dict[str, str], bytes]:
    answer = await client.get(ROW, headers=headers)
    told = {name: value for name, value in answer.headers.items() if name not in OF_ONE_REQUEST}
    return answer.status, told, await answer.read()


async def test_a_warm_row_is_answered_before_routing_and_a_cold_one_by_its_route(quick: Client) -> None:
    first = given_first(quick)
    assert [(await ask(quick))[0] for _ in range(3)] == [200] * 3
    assert first == [False, True, True]


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "identity"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"another"'},
        {"X-Request-Id": "0123456789abcdef"},
    ],
    ids=str,
)
async def test_both_ways_give_the_same_answer(start: Start, quick: Client, headers: dict[str, str]) -> None:
    usual = await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1", HEADGATE_ACCESS_LOG_SAMPLE="1")
    sent = {**FROM_THERE, **headers}
    for client in (quick, usual):
        for _ in range(2):  # the second makes the encoding
            await ask(client, {name: value for name, value in sent.items() if name != "If-None-Match"})
    first, usually = given_first(quick), given_first(usual)
    assert await ask(quick, sent) == await ask(usual, sent)
    assert (first, usually) == ([True], [False])


async def test_the_answer_has_an_id_and_a_trusted_proxy_s_if_there_is_one(quick: Client) -> None:
    await ask(quick)
    first = given_first(quick)
    mine = await quick.get(ROW, headers=FROM_THERE)
    theirs = await quick.get(ROW, headers={**FROM_THERE, "X-Request-Id": "0123456789abcdef"})
    forged = await quick.get(ROW, headers={**FROM_THERE, "X-Request-Id": "not an id\t"})
    assert theirs.headers["X-Request-Id"] == "0123456789abcdef"
    assert len({mine.headers["X-Request-Id"], forged.headers["X-Request-Id"], "not an id"}) == 3
    assert first == [True] * 3


async def test_it_counts_as_its_route_and_takes_from_both_limits(quick: Client) -> None:
    for _ in range(4):
        await ask(quick)
    metrics = app_of(quick)[METRICS]
    admitted = {
        (labels["tier"], labels["limit"]): count
        for labels, count in metrics.values("limit_requests_total")
        if labels["outcome"] == "admitted"
    }
    assert admitted["anonymous", "address"] == 4
    assert sum(count for (_, limit), count in admitted.items() if limit == "warm") == 3
    served = metrics.values("http_request_seconds_count")
    assert [count for labels, count in served if labels["route"] == "/stremio/{token}/{tail}"] == [4]


async def test_whoever_is_blocked_is_refused_though_the_answer_is_at_hand(quick: Client) -> None:
    await ask(quick)
    for _ in range(5):
        await quick.get("/wp-login.php", headers=FROM_THERE)
    await settle()
    first = given_first(quick)
    assert (await ask(quick))[0] == 403
    assert (await ask(quick, {"X-Forwarded-For": "198.51.100.1"}))[0] == 200
    assert first == [False, True]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "a b"}, 400), ({"CDN-Loop": own_name(SecretKey.from_text(SECRET))}, 508)],
    ids=["no host", "a question of our own"],
)
async def test_a_request_that_is_refused_cold_is_refused_warm(
    quick: Client, headers: dict[str, str], status: int
) -> None:
    await ask(quick)
    first = given_first(quick)
    assert (await ask(quick, {**FROM_THERE, **headers}))[0] == status
    assert first == [False]


@pytest.mark.parametrize("limit", ["WARM", "ADDRESS"])
async def test_past_a_limit_the_refusal_is_counted_once(start: Start, limit: str) -> None:
    client = await start(**{"HEADGATE_ACCESS_LOG_SAMPLE": "0", f"HEADGATE_LIMIT_{limit}": "1/m burst 2"})
    # The first is cold, so it takes nothing of the limit on warm answers.
    answers = [await client.get(ROW) for _ in range(4 if limit == "WARM" else 3)]
    assert [answer.status for answer in answers][-3:] == [200, 200, 429]
    assert (await answers[-1].json())["violated-policies"] == [limit.lower()]
    counted = app_of(client)[METRICS].values("limit_requests_total")
    assert [count for labels, count in counted if labels["outcome"] == "denied"] == [1]


async def test_every_n_th_answer_goes_the_usual_way_where_it_is_logged(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    client = await start(HEADGATE_ACCESS_LOG_SAMPLE="0.25")
    first = given_first(client)
    for _ in range(9):
        await ask(client, {})
    assert first == [False, True, True, False] + [True] * 3 + [False, True]
    assert capsys.readouterr().out.count("/stremio/{token}/{tail}") == 2


async def test_a_gateway_that_is_leaving_answers_the_usual_way_and_closes(quick: Client) -> None:
    await ask(quick)
    first = given_first(quick)
    drain(app_of(quick))
    answer = await quick.get(ROW, headers=FROM_THERE)
    assert (answer.status, answer.headers["Connection"]) == (200, "close")
    assert first == [False]

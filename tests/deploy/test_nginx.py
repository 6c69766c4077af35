"""nginx's part, with the real nginx: who is asked again, what is kept, what is logged, what is cut off."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web

from libs.common.http import make_session
from tests.deploy.front import (
    CLIENT_TIMEOUT_S,
    CONNECTIONS,
    Handler,
    RunningFront,
    cuts,
    refuses,
    running_front,
    says_nothing,
    says_ok,
    told,
)
from tests.waiting import until

PUBLIC = "public, max-age=60, s-maxage=1, stale-while-revalidate=30, stale-if-error=60"
FACE = "/stremio/secret-token/catalog/movie/top.json"


# Asking again


async def test_a_gateway_that_is_gone_is_passed_over(front: RunningFront) -> None:
    await front.gateways[0].stop()
    answers = [await front.ask("/", method) for method in ("GET", "POST") for _ in range(8)]
    assert {answer.status for answer in answers} == {200}


async def test_a_read_that_breaks_is_asked_of_the_other_gateway(front: RunningFront) -> None:
    front.gateways[0].handler = cuts
    assert {(await front.ask("/api/v1/me")).status for _ in range(4)} == {200}


@pytest.mark.parametrize("path", ["/", "/api/v1/me", FACE])
async def test_a_read_of_a_gateway_that_hangs_is_asked_of_the_other(front: RunningFront, path: str) -> None:
    front.gateways[0].handler = says_nothing
    assert {(await front.ask(path)).status for _ in range(3)} == {200}
    assert front.gateways[0].asked


async def test_a_change_that_hangs_is_not_sent_twice(front: RunningFront) -> None:
    front.behave(says_nothing)
    assert (await front.ask("/api/v1/addons", "POST", body=b"{}")).status == 503
    assert front.count() == 1


async def test_a_change_that_breaks_is_not_sent_twice(front: RunningFront) -> None:
    front.behave(cuts)
    assert (await front.ask("/api/v1/addons", "POST", body=b"{}")).status == 503
    assert front.count() == 1


async def test_a_change_with_a_key_that_breaks_is_sent_to_the_other_gateway(front: RunningFront) -> None:
    front.gateways[0].handler = cuts

    async def echoes(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {request.path_qs} {await request.text()}")

    front.gateways[1].handler = echoes
    key = {"Idempotency-Key": '"one"'}
    answers = [await front.ask("/api/v1/addons?x=1", "POST", body=b"{1}", more=key) for _ in range(4)]
    assert {answer.body for answer in answers} == {b"POST /api/v1/addons?x=1 {1}"}
    assert front.gateways[0].asked


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_what_a_gateway_answers_is_final_and_takes_no_gateway_out(
    front: RunningFront, status: int
) -> None:
    """They speak of a service behind the gateway, or of overload: asking on would make both worse."""
    front.behave(refuses(status))
    answers = [await front.ask("/api/v1/search") for _ in range(10)]
    assert {(answer.status, answer.json["status"]) for answer in answers} == {(status, status)}
    assert front.count() == 10
    front.behave(says_ok)
    assert (await front.ask("/api/v1/search")).status == 200


# When nobody answers


async def test_without_a_gateway_people_see_a_page_and_programs_a_problem(front: RunningFront) -> None:
    for gateway in front.gateways:
        await gateway.stop()
    page, problem = await front.ask("/"), await front.ask("/api/v1/me")
    assert (page.status, page.headers["retry-after"]) == (503, "10")
    assert b"Back in a moment" in page.body
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (problem.status, problem.headers["retry-after"]) == (503, "10")
    assert problem.headers["content-type"] == "application/problem+json"
    assert (problem.json["status"], problem.json["code"]) == (503, "unavailable")
    player = await front.ask("/stremio/token/manifest.json")
    assert (player.status, player.headers["access-control-allow-origin"]) == (503, "*")
    changed = await front.ask("/api/v1/addons", "POST", body=b"{}", Idempotency_Key='"k"')
    assert (changed.status, changed.json["code"]) == (503, "unavailable")


async def test_a_flag_closes_the_shop_while_everything_runs(front: RunningFront) -> None:
    flag = front.directory / "maintenance.on"
    flag.touch()
    page = await front.ask("/login")
    assert (page.status, b"Back in a moment" in page.body) == (503, True)
    assert (await front.ask("/api/v1/me", "POST", body=b"{}")).json["code"] == "unavailable"
    assert front.count() == 0
    flag.unlink()
    assert (await front.ask("/login")).status == 200


# Whose headers count


async def test_a_client_can_not_speak_for_us(front: RunningFront) -> None:
    await front.ask(
        "/",
        X_Forwarded_For="8.8.8.8",
        X_Forwarded_Host="evil.example",
        X_Forwarded_Proto="https",
        X_Headgate_Identity="forged",
        X_Request_Id="chosen",
        X_Request_Deadline_Ms="1",
        Forwarded="for=8.8.8.8",
        traceparent="00-1",
    )
    seen = next(gateway.asked[0] for gateway in front.gateways if gateway.asked).headers
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "http"
    assert seen["X-Forwarded-Host"] == seen["Host"] == f"127.0.0.1:{front.http_port}"
    assert len(seen["X-Request-Id"]) == 32
    dropped = {"X-Headgate-Identity", "X-Request-Deadline-Ms", "Forwarded", "traceparent"}
    assert dropped.isdisjoint(seen)


async def test_inner_addresses_are_nobodys_business(front: RunningFront) -> None:
    assert (await front.ask("/internal/state")).status == 404
    assert front.count() == 0


async def test_media_never_cross_a_gateway(front: RunningFront) -> None:
    assert (await front.ask("/media/signed/1.ts")).status == 200
    assert (front.count(), len(front.streaming.asked)) == (0, 1)


async def test_a_film_in_segments_stays_with_one_replica_and_films_do_not_all_with_the_same(
    tmp_path: Path,
) -> None:
    async with running_front(tmp_path, replicas=2) as front:
        for film in range(20):
            for segment in range(3):
                assert (await front.ask(f"/media/hls/film{film}/v0-{segment}.m4s")).status == 200
        films = [{request.path.split("/")[3] for request in replica.asked} for replica in front.replicas]
    assert films[0].isdisjoint(films[1])
    assert all(films)
    assert front.count() == 0


# What is kept


@pytest.mark.parametrize("aged", [False, True])
async def test_a_public_answer_is_kept_then_shown_while_it_is_renewed(
    front: RunningFront, aged: bool
) -> None:
    """nginx takes no Age off the lives of an answer that is old already, and is told by itself."""
    old = {"Age": "1000", "X-Accel-Expires": "1"}
    front.behave(told(PUBLIC.replace("s-maxage=1", "s-maxage=1001"), **old) if aged else told(PUBLIC))
    first, second = await front.ask(FACE), await front.ask(FACE)
    assert "x-accel-expires" not in first.headers
    assert (first.headers["x-edge-cache"], second.headers["x-edge-cache"]) == ("MISS", "HIT")
    assert first.body == second.body
    assert "ratelimit" in first.headers
    assert "ratelimit" not in second.headers

    async def is_stale() -> bool:
        return (await front.ask(FACE)).headers["x-edge-cache"] in ("STALE", "UPDATING")

    await until(is_stale)

    async def is_renewed() -> bool:
        answer = await front.ask(FACE)
        return answer.headers["x-edge-cache"] == "HIT" and answer.body != first.body

    await until(is_renewed)


async def test_a_player_that_is_refused_sees_the_limit_it_met(front: RunningFront) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        headers = {"RateLimit": '"install";r=0;t=1', "RateLimit-Policy": '"install";q=80;w=8'}
        return web.Response(status=429, headers={**headers, "Cache-Control": "no-store", "Retry-After": "1"})

    front.behave(refuse)
    for _ in range(2):
        refused = await front.ask(FACE)
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert refused.headers["ratelimit"] == '"install";r=0;t=1'
        assert refused.headers["ratelimit-policy"] == '"install";q=80;w=8'


async def test_a_public_answer_outlasts_the_gateways(front: RunningFront) -> None:
    front.behave(told("public, s-maxage=1, stale-if-error=60"))
    first = await front.ask(FACE)
    for gateway in front.gateways:
        await gateway.stop()

    async def is_over_its_time() -> bool:
        answer = await front.ask(FACE)
        assert (answer.status, answer.body) == (200, first.body)
        return answer.headers["x-edge-cache"] == "STALE"

    await until(is_over_its_time)


@pytest.mark.parametrize("lives", ["private, max-age=60", "no-store", "no-cache", "max-age=0"])
async def test_what_is_not_public_is_not_kept(front: RunningFront, lives: str) -> None:
    front.behave(told(lives))
    assert (await front.ask(FACE)).body != (await front.ask(FACE)).body


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "CDN-Loop"])
async def test_who_says_who_he_is_gets_an_answer_of_his_own(front: RunningFront, header: str) -> None:
    front.behave(told(PUBLIC))
    kept = await front.ask(FACE)
    own = await front.ask(FACE, more={header: "mine"})
    assert own.body != kept.body
    assert (await front.ask(FACE)).body == kept.body


async def test_only_players_and_static_answers_are_kept(front: RunningFront) -> None:
    front.behave(told(PUBLIC))
    assert (await front.ask("/api/v1/titles")).body != (await front.ask("/api/v1/titles")).body


async def test_answers_are_kept_by_coding(front: RunningFront) -> None:
    async def names_coding(request: web.Request) -> web.Response:
        return web.Response(
            text=request.headers.get("Accept-Encoding", "none"), headers={"Cache-Control": PUBLIC}
        )

    front.behave(names_coding)
    asked = ("br, gzip", "gzip, deflate", "gzip;q=0", "zstd;q=0, gzip;q=0.5", "deflate, gzip, br, zstd", "")
    got = [(await front.ask(FACE, Accept_Encoding=coding)).body.decode() for coding in asked]
    assert got == ["br", "gzip", "none", "gzip", "zstd", "none"]


async def test_events_are_passed_on_as_they_come(front: RunningFront) -> None:
    go_on = asyncio.Event()

    async def streams(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await go_on.wait()
        return response

    front.behave(streams)
    async with asyncio.timeout(10), front.session.get(f"{front.url}/api/v1/sync/jobs/1/events") as answer:
        assert await answer.content.readany() == b"data: 1\n\n"
        go_on.set()


# Limits


async def cut_off(front: RunningFront, sent: bytes) -> bytes:
    """What a client that sends no more than this gets before its connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.http_port)
    writer.write(sent)
    got = b""
    with suppress(ConnectionResetError):
        async with asyncio.timeout(CLIENT_TIMEOUT_S + 10):
            while piece := await reader.read(4096):
                got += piece
    writer.close()
    return got


async def test_a_client_that_sends_slowly_is_cut_off_and_costs_no_gateway(front: RunningFront) -> None:
    assert b" 200 " not in await cut_off(front, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    head = b"POST /api/v1/addons HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    assert b" 200 " not in await cut_off(front, head + b"x")
    assert front.count() == 0


async def test_too_large_is_a_problem_of_its_own(front: RunningFront) -> None:
    head = b"POST /api/v1/addons HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"
    body = await cut_off(front, head)
    assert body.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"payload_too_large"' in body
    cookies = await front.ask("/api/v1/me", Cookie="x" * 40_000)
    assert (cookies.status, cookies.json["code"]) == (431, "header_too_large")
    assert front.count() == 0


@asynccontextmanager
async def held(front: RunningFront, addresses: Sequence[str]) -> AsyncIterator[None]:
    """As many connections as one address may have, each waiting for its answer, shared by `addresses`."""
    go_on = asyncio.Event()

    async def waits(_request: web.Request) -> web.Response:
        await go_on.wait()
        return web.Response()

    async def all_are_waiting() -> bool:
        return front.count() == CONNECTIONS

    front.behave(waits)
    async with make_session(limit=0, limit_per_host=0) as many, asyncio.TaskGroup() as group:

        async def ask(address: str) -> int:
            async with many.get(front.url, headers={"X-Forwarded-For": address}) as answer:
                return answer.status

        tasks = [group.create_task(ask(addresses[n % len(addresses)])) for n in range(CONNECTIONS)]
        await until(all_are_waiting)
        front.behave(says_ok)
        yield
        go_on.set()
    assert {task.result() for task in tasks} == {200}


async def test_one_address_can_not_hold_every_connection(front: RunningFront) -> None:
    async with held(front, ["192.0.2.1", "192.0.2.2"]):  # which is not believed
        refused = await front.ask("/")
    assert (refused.status, refused.json["code"]) == (429, "too_many_connections")


@pytest.mark.parametrize(
    ("holders", "refused", "admitted"),
    [
        (["2001:db8::1", "2001:db8:0:0:f:e:d:c"], "2001:db8::8000:0:0:1", "2001:db8:0:1::1"),
        (["192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.1", "::ffff:192.0.2.2"),
    ],
)
async def test_connections_are_counted_by_whoever_has_the_address(
    proxied: RunningFront, holders: list[str], refused: str, admitted: str
) -> None:
    """An IPv6 /64 is one customer's; an IPv4 address is one however it is written."""
    async with held(proxied, holders):
        answers = [await proxied.ask("/", X_Forwarded_For=address) for address in (refused, admitted)]
    assert [answer.status for answer in answers] == [429, 200]


# Who the workers are


async def test_workers_are_never_root_where_others_get_to(reached: RunningFront) -> None:
    users = reached.worker_users()
    assert users
    assert 0 not in users

    async def echoes(request: web.Request) -> web.Response:
        return web.Response(body=await request.read() * 100, headers={"Cache-Control": PUBLIC})

    reached.behave(echoes)
    large = b"x" * 100_000  # larger than nginx's memory for it, both ways
    assert (await reached.ask("/api/v1/addons", "POST", body=large)).body == large * 100
    kept = [(await reached.ask(FACE)).headers["x-edge-cache"] for _ in range(2)]
    assert kept == ["MISS", "HIT"]
    (reached.directory / "maintenance.on").touch()
    assert b"Back in a moment" in (await reached.ask("/")).body


async def test_nobody_else_reads_who_asked(reached: RunningFront) -> None:
    await reached.ask("/")
    await reached.log_lines(1)
    assert (reached.directory / "access.log").stat().st_mode & 0o077 == 0


# TLS


async def test_tls_speaks_http_2(front: RunningFront) -> None:
    command = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_version} %{http_code}"]
    url = f"https://127.0.0.1:{front.https_port}/"
    done = await asyncio.to_thread(subprocess.run, [*command, url], capture_output=True, check=True)
    assert done.stdout == b"2 200"
    assert front.count() == 1
    asked = next(gateway.asked[0] for gateway in front.gateways if gateway.asked)
    assert asked.headers["X-Forwarded-Proto"] == "https"
    assert asked.headers["Host"] == f"127.0.0.1:{front.https_port}"


async def test_the_private_key_is_private(front: RunningFront) -> None:
    assert (front.directory / "certificate.key").stat().st_mode & 0o077 == 0


# What is logged


async def test_no_credential_is_logged(front: RunningFront) -> None:
    paths = {
        "/stremio/hunter2/manifest.json": "/stremio/{token}/manifest.json",
        "/stremio/hunter2/stream/movie/tt1.json": "/stremio/{token}/stream",
        "/stremio/hunter2/hunter2": "/stremio/{token}/{other}",
        "/stremio/hunter2": "/stremio/{token}/{other}",
        "/player_api.php?username=hunter2&password=hunter2": "/player_api.php",
        "/get.php?password=hunter2": "/get.php",
        "/xmltv.php?password=hunter2": "/xmltv.php",
        "/live/hunter2/hunter2/1.ts": "/live/{user}/{password}/{id}",
        "/timeshift/hunter2/hunter2/60/x/1.ts": "/timeshift/{user}/{password}/{id}",
        "/hunter2/hunter2/1.ts": "/{other}",
        "/api/v1/addons/1?x=hunter2": "/api/v1/addons",
        "/login?next=hunter2": "/login",
        "/media/hunter2/1.ts": "/media/{…}",
    }
    for path in paths:
        await front.ask(path, Referer="http://hunter2/", Authorization="Bearer hunter2")
    lines = await front.log_lines(len(paths))
    assert [line["path"] for line in lines[-len(paths) :]] == list(paths.values())
    assert "hunter2" not in json.dumps(lines)


@pytest.mark.parametrize("handler", [None, cuts], ids=["away", "cuts"])
async def test_errors_do_not_log_requests_either(front: RunningFront, handler: Handler | None) -> None:
    for fake in (*front.gateways, front.streaming):
        if handler is None:
            await fake.stop()
        fake.handler = handler or says_ok
    paths = (
        "/media/hunter2/1.ts",
        "/stremio/hunter2/manifest.json",
        "/player_api.php?username=hunter2&password=hunter2",
        "/get.php?password=hunter2",
        "/xmltv.php?password=hunter2",
        "/movie/hunter2/hunter2/1.mkv",
        "/hunter2/hunter2/1.ts",
    )
    answers = await asyncio.gather(*(front.ask(path) for path in paths))
    assert {answer.status for answer in answers} == {503}
    await front.log_lines(len(paths))
    logged = {path.name: path.read_text() for path in front.directory.glob("*.log")}
    assert logged.keys() == {"access.log", "stderr.log"}
    assert "hunter2" not in "".join(logged.values())


async def test_counters_are_on_a_port_of_their_own(front: RunningFront) -> None:
    async with front.session.get(f"http://127.0.0.1:{front.status_port}/nginx_status") as status:
        assert "Active connections" in await status.text()
    assert (await front.ask("/nginx_status")).body == b"ok"

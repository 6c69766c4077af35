"""nginx's part, with the real nginx: who is asked again, whose headers count, what is logged."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from aiohttp import web

from tests.deploy.front import (
    FACE,
    PUBLIC,
    Handler,
    RunningFront,
    cuts,
    refuses,
    running_front,
    says_nothing,
    says_ok,
)

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

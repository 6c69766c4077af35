"""What players are given to play: their own addresses in answers, signed paths behind those, and bytes."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from msgspec.structs import replace

from libs.common.contracts.accounts import API_KEY_PREFIX
from libs.common.media import MediaPaths, Proof, Signed, Wish
from libs.common.secrets import SecretKey
from services.gateway import media
from services.gateway.identify import SESSION_COOKIE
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, OWNER, SECRET, SESSION_TOKEN, Canned, Inner, problem

PROOF = Proof("install-tokens", INSTALL_TOKEN)
BASE = f"/stremio/{INSTALL_TOKEN}"
STREAM = "/internal/stremio/stream/movie/tt1.json"
STREAMS = b'{"streams":[{"name":"Mine","url":"headgate:play/movie/7.mkv"},{"name":"x","externalUrl":"%s"}]}'
ELSEWHERE = b"https://evil.example/?headgate:play/"


@pytest.fixture
def paths(clock: ManualClock) -> MediaPaths:
    return MediaPaths(SecretKey.from_text(SECRET), clock)


def signed_of(paths: MediaPaths, location: str) -> Signed:
    assert location.startswith("/media/")
    return paths.read(location.split("/")[2])


@pytest.mark.parametrize("how", ["cold", "warm"])
async def test_streams_lead_to_the_callers_own_address(gateway: Client, inner: Inner, how: str) -> None:
    inner.canned[STREAM] = Canned(STREAMS % ELSEWHERE)
    if how == "warm":
        await gateway.get(f"{BASE}/stream/movie/tt1.json")
    answer = await gateway.get(f"{BASE}/stream/movie/tt1.json")
    first, second = (await answer.json())["streams"]
    assert first["url"] == f"{gateway.make_url(BASE)}/play/movie/tt1/movie/7.mkv"
    assert second["externalUrl"] == ELSEWHERE.decode()
    assert answer.headers["X-Headgate-Cache"] == ("miss" if how == "cold" else "hit")
    assert len(inner.calls_to(STREAM)) == 1


async def test_what_is_kept_for_all_names_nobodys_address(start: Start, inner: Inner) -> None:
    inner.canned[STREAM] = Canned(STREAMS % ELSEWHERE)
    inner.installs["another-token-of-acc1"] = OWNER
    gateway = await start()
    for token in (INSTALL_TOKEN, "another-token-of-acc1"):
        answer = await gateway.get(f"/stremio/{token}/stream/movie/tt1.json")
        assert f"/stremio/{token}/play/" in await answer.text()
    assert len(inner.calls_to(STREAM)) == 1


async def test_streams_are_encoded_and_known_again_as_ever(gateway: Client, inner: Inner) -> None:
    inner.canned[STREAM] = Canned(STREAMS % (b"https://a.example/" + b"x" * 2000))
    coded = await gateway.get(f"{BASE}/stream/movie/tt1.json", headers={"Accept-Encoding": "gzip"})
    assert coded.headers["Content-Encoding"] == "gzip"
    assert b"/play/movie/tt1/movie/7.mkv" in await coded.read()
    again = await gateway.get(
        f"{BASE}/stream/movie/tt1.json", headers={"If-None-Match": coded.headers["ETag"]}
    )
    assert again.status == 304


async def test_a_players_address_leads_to_a_signed_path(
    gateway: Client, inner: Inner, paths: MediaPaths
) -> None:
    answer = await gateway.get(f"{BASE}/play/movie/7.mkv", allow_redirects=False)
    assert answer.status == 302
    location = answer.headers["Location"]
    assert location.endswith("/7.mkv")
    signed = signed_of(paths, location)
    assert signed.wish == Wish(OWNER.account_id, OWNER.profile_id, "movie", 7)
    assert signed.proof == PROOF
    assert answer.headers["Cache-Control"] == "no-store"


async def test_file_of_the_hubs_own_folder_has_a_number_larger_than_the_librarys(
    gateway: Client, paths: MediaPaths
) -> None:
    answer = await gateway.get(f"{BASE}/play/local/9007199254740991.mkv", allow_redirects=False)
    wish = signed_of(paths, answer.headers["Location"]).wish
    assert (wish.kind, wish.item) == ("local", 2**53 - 1)
    answer = await gateway.get(f"{BASE}/play/movie/9007199254740991.mkv", allow_redirects=False)
    assert answer.status == 404


@pytest.mark.parametrize("tail", ["play/music/7.mp3", "play/movie/seven.mkv", "play/movie/7.mkv.exe"])
async def test_nothing_else_is_to_play(gateway: Client, tail: str) -> None:
    assert (await gateway.get(f"{BASE}/{tail}", allow_redirects=False)).status == 404


async def test_an_address_of_nobody_plays_nothing(gateway: Client) -> None:
    answer = await gateway.get("/stremio/somebodys-guess/play/movie/7.mkv", allow_redirects=False)
    assert answer.status == 404


async def test_who_is_signed_in_is_led_there_too(gateway: Client, inner: Inner, paths: MediaPaths) -> None:
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    inner.canned["/api/v1/streams/movie/tt1"] = Canned(STREAMS % ELSEWHERE)
    listed = await (await gateway.get("/api/v1/streams/movie/tt1", headers=headers)).json()
    url = listed["streams"][0]["url"]
    assert url == str(gateway.make_url("/api/v1/library/play/movie/7.mkv"))
    assert (await gateway.get("/api/v1/library/play/movie/7.mkv", allow_redirects=False)).status == 401


@pytest.mark.parametrize("by", ["access token", "API key", "session"])
async def test_a_signed_path_ends_with_what_it_was_asked_by(
    gateway: Client, inner: Inner, paths: MediaPaths, by: str
) -> None:
    key = f"{API_KEY_PREFIX}secret"
    inner.keys[key] = replace(OWNER, key_id="k1", scopes=("read",))
    headers, proof = {
        "access token": ({"Authorization": f"Bearer {inner.access_token()}"}, Proof("families", "fam1")),
        "API key": ({"X-Api-Key": key}, Proof("api-keys", key)),
        "session": (
            {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"},
            Proof("sessions", SESSION_TOKEN),
        ),
    }[by]
    answer = await gateway.get("/api/v1/library/play/movie/7.mkv", headers=headers, allow_redirects=False)
    assert signed_of(paths, answer.headers["Location"]).proof == proof


async def test_media_are_passed_on_with_what_the_player_asks(
    gateway: Client, inner: Inner, paths: MediaPaths
) -> None:
    path = paths.path(Wish("acc1", "pro1", "movie", 7), PROOF, "mkv")
    seen: list[web.Request] = []

    async def send(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return web.Response(status=206, body=b"abc", headers={"Content-Range": "bytes 0-2/9"})

    inner.handlers[path] = send
    answer = await gateway.get(path, headers={"Range": "bytes=0-2", "Cookie": "headgate_session=x"})
    assert (answer.status, await answer.read()) == (206, b"abc")
    assert answer.headers["Content-Range"] == "bytes 0-2/9"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    (request,) = seen
    assert request.headers["Range"] == "bytes=0-2"
    assert request.headers["X-Forwarded-For"] == "127.0.0.1"
    assert "Cookie" not in request.headers


async def test_a_player_that_takes_nothing_is_left(
    gateway: Client, inner: Inner, paths: MediaPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "PAUSED_S", 0.2)
    path = paths.path(Wish("acc1", "pro1", "movie", 7), PROOF, "mkv")
    left = asyncio.Event()

    async def send(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        finally:
            left.set()

    inner.handlers[path] = send
    answer = await gateway.get(path)
    await asyncio.wait_for(left.wait(), 10)
    with pytest.raises(aiohttp.ClientError):
        await answer.read()


async def test_what_a_provider_refuses_is_told_and_not_held_against_the_player(
    start: Start, inner: Inner, paths: MediaPaths
) -> None:
    gateway = await start(HEADGATE_ABUSE_PROTECTION="on")
    path = paths.path(Wish("acc1", "pro1", "movie", 7), PROOF, "mkv")

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return problem(429, "no_connection_left", "All are in use.")

    inner.handlers[path] = refuse
    answer = await gateway.get(path)
    assert answer.status == 429
    assert (await answer.json())["code"] == "no_connection_left"
    metrics = await (await gateway.get("/metrics")).text()
    assert 'headgate_abuse_signals_total{scenario="refusals"}' not in metrics

"""IPTV apps at the gateway: signed in by query, form or path; guesses count; no password is written down."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Mapping
from contextlib import ExitStack

import pytest
from aiohttp import FormData

from libs.common.contracts.players import PLAYER_HEADER, Player
from libs.common.contracts.streaming import PLAYING
from libs.common.media import Proof
from services.gateway import keys
from services.gateway.players.at_once import MOST
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import OWNER, PLAYER_NAME, PLAYER_PASSWORD, STRANGER, Call, Canned, Inner

LOGIN = {"username": PLAYER_NAME, "password": PLAYER_PASSWORD}
WRONG = {"username": PLAYER_NAME, "password": "abcdefgh9999"}
PATH = f"{PLAYER_NAME}/{PLAYER_PASSWORD}"


def answers(inner: Inner, what: str, body: bytes = b"[]", **headers: str) -> None:
    inner.canned.update(
        {
            f"/internal/catalog/players/{what}?category={category}&id={id_}&limit=0": Canned(
                body, headers={"Cache-Control": "private, no-cache", **headers}
            )
            for category in (0, 7)
            for id_ in (0, 7)
        }
    )
    for playing in (0, 2):
        path = f"/internal/catalog/players/{what}?playing={playing}"
        inner.canned[path] = Canned(body, headers={"Cache-Control": "private, no-cache", **headers})


def asked(inner: Inner, what: str) -> Call:
    return inner.calls_to(f"/internal/catalog/players/{what}")[-1]


@pytest.mark.parametrize(
    ("parameters", "what", "query"),
    [
        ({}, "account", "playing=2"),
        ({"action": "get_account_info"}, "account", "playing=2"),
        ({"action": "anything"}, "account", "playing=2"),
        ({"action": "get_live_categories"}, "live_categories", "category=0&id=0&limit=0"),
        ({"action": "get_vod_categories"}, "vod_categories", "category=0&id=0&limit=0"),
        ({"action": "get_series_categories"}, "series_categories", "category=0&id=0&limit=0"),
        ({"action": "get_live_streams"}, "live_streams", "category=0&id=0&limit=0"),
        ({"action": "get_live_streams", "category_id": "*"}, "live_streams", "category=0&id=0&limit=0"),
        ({"action": "get_vod_streams", "category_id": "7"}, "vod_streams", "category=7&id=0&limit=0"),
        ({"action": "get_series", "category_id": "7"}, "series", "category=7&id=0&limit=0"),
        ({"action": "get_vod_info", "vod_id": "7"}, "vod_info", "category=0&id=7&limit=0"),
        ({"action": "get_series_info", "series_id": "7"}, "series_info", "category=0&id=7&limit=0"),
        ({"action": "get_short_epg", "stream_id": "7"}, "short_epg", "category=0&id=7&limit=0"),
        ({"action": "get_simple_data_table", "stream_id": "7"}, "data_table", "category=0&id=7&limit=0"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_each_action_is_asked_of_catalog(
    gateway: Client, inner: Inner, *, method: str, parameters: Mapping[str, str], what: str, query: str
) -> None:
    answers(inner, what, b'[{"a":1}]')
    inner.canned[PLAYING] = Canned(b'{"connections":2}')
    wanted = {**LOGIN, **parameters}
    sent = {"params": wanted} if method == "GET" else {"data": FormData(wanted)}
    answer = await gateway.request(method, "/player_api.php", **sent)
    assert (answer.status, await answer.read()) == (200, b'[{"a":1}]')
    call = asked(inner, what)
    assert call.raw_path.partition("?")[2] == query
    assert (call.identity.account_id, call.identity.profile_id) == (OWNER.account_id, OWNER.profile_id)
    player = Player.of_header(call.headers[PLAYER_HEADER])
    assert (player.username, player.password) == (PLAYER_NAME, PLAYER_PASSWORD)
    assert player.base == f"http://127.0.0.1:{gateway.port}"


async def test_players_that_are_web_pages_may_read_answers(gateway: Client, inner: Inner) -> None:
    answers(inner, "live_streams")
    for path in (
        f"/player_api.php?username={PLAYER_NAME}&password={PLAYER_PASSWORD}&action=get_live_streams",
        "/player_api.php?username=ada&password=abcdefgh9999",
        "/xmltv.php?username=ada&password=abcdefgh9999",
        f"/live/{PATH}/12.ts",
    ):
        answer = await gateway.get(path, allow_redirects=False, headers={"Origin": "https://web.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path


async def test_a_login_typed_in_capitals_is_the_same(gateway: Client, inner: Inner) -> None:
    answers(inner, "account", b"{}")
    typed = {"username": PLAYER_NAME.upper(), "password": f" {PLAYER_PASSWORD.upper()} "}
    assert await (await gateway.get("/player_api.php", params=typed)).json() == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_wrong_login_is_told_as_panels_do(gateway: Client, method: str) -> None:
    answer = await gateway.request(method, "/player_api.php", params=WRONG)
    assert (answer.status, await answer.json()) == (200, {"user_info": {"auth": 0}})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/get.php?username=ada&password=abcdefgh9999",
        "/xmltv.php",
        "/live/ada/abcdefgh9999/1.ts",
        "/movie/ada/abcdefgh9999/1.mkv",
        "/series/ada/abcdefgh9999/1.mkv",
        "/ada/abcdefgh9999/1",
        "/timeshift/ada/abcdefgh9999/60/2026-01-02:10-00/1.ts",
        "/streaming/timeshift.php?username=ada&password=abcdefgh9999&stream=1&start=1767349800&duration=60",
    ],
)
async def test_elsewhere_a_wrong_login_is_401(gateway: Client, path: str) -> None:
    answer = await gateway.get(path, allow_redirects=False, headers={"Accept": "text/html"})
    assert answer.status == 401
    assert (await answer.json())["code"] == "unknown_player_login"


async def test_guesses_are_limited_as_sign_ins_are(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_LIMIT_SIGN_IN="1/m burst 3")
    statuses = []
    for number in range(5):
        guess = {"username": "ada", "password": f"abcdefgh999{number}"}
        statuses.append((await gateway.get("/player_api.php", params=guess)).status)
    assert statuses == [200, 200, 200, 429, 429]
    answers(inner, "account", b"{}")
    assert (await gateway.get("/player_api.php", params=LOGIN)).status == 200  # a neighbour's is not


async def test_auth_is_asked_once_about_a_login_good_or_bad(gateway: Client, inner: Inner) -> None:
    answers(inner, "account", b"{}")
    for login in (LOGIN, WRONG):
        before = len(inner.calls_to("/internal/auth/player-logins/resolve"))
        for _ in range(3):
            await gateway.get("/player_api.php", params=login)
        assert len(inner.calls_to("/internal/auth/player-logins/resolve")) == before + 1


async def test_guessing_gets_the_network_blocked(start: Start, inner: Inner) -> None:
    gateway = await start(
        HEADGATE_LIMIT_SIGN_IN="100/s burst 1000",
        HEADGATE_TRUSTED_PROXIES="127.0.0.1/32",
    )
    seen = set[int]()
    for number in range(60):
        guess = {"username": "ada", "password": f"guess{number}"}
        answer = await gateway.get(
            "/player_api.php", params=guess, headers={"X-Forwarded-For": "203.0.113.9"}
        )
        seen.add(answer.status)
        if answer.status == 403:
            break
    assert seen == {200, 403}


@pytest.mark.parametrize(
    ("path", "kind", "past", "extension"),
    [
        (f"/live/{PATH}/12.m3u8", "live", (0, 0), "m3u8"),
        (f"/live/{PATH}/12", "live", (0, 0), "ts"),
        (f"/{PATH}/12", "live", (0, 0), "ts"),
        (f"/{PATH}/12.ts", "live", (0, 0), "ts"),
        (f"/movie/{PATH}/12.mkv", "movie", (0, 0), "mkv"),
        (f"/series/{PATH}/12.mp4", "series", (0, 0), "mp4"),
        (f"/timeshift/{PATH}/60/2026-01-02:10-30/12.ts", "live", (1767349800, 3600), "ts"),
        (
            f"/streaming/timeshift.php?username={PLAYER_NAME}&password={PLAYER_PASSWORD}"
            "&stream=12&start=1767349800&duration=90",
            "live",
            (1767349800, 90),
            "ts",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_streams_lead_to_signed_paths(
    gateway: Client, *, method: str, path: str, kind: str, past: tuple[int, int], extension: str
) -> None:
    answer = await gateway.request(method, path, allow_redirects=False)
    assert answer.status == 302
    location = answer.headers["Location"]
    assert location.startswith("/media/")
    assert location.endswith(f"/12.{extension}")
    assert PLAYER_PASSWORD not in location
    wish, proof, _ = gateway.app[keys.MEDIA_PATHS].read(location.split("/")[2])
    assert proof == Proof("player-logins", f"{PLAYER_NAME}/{PLAYER_PASSWORD}")
    assert (wish.kind, wish.item, (wish.start, wish.duration_s)) == (kind, 12, past)
    assert (wish.account_id, wish.profile_id) == (OWNER.account_id, OWNER.profile_id)


@pytest.mark.parametrize(
    "path",
    [
        f"/live/{PATH}/abc.ts",
        f"/timeshift/{PATH}/60/never/12.ts",
        f"/timeshift/{PATH}/x/2026-01-02:10-30/1.ts",
    ],
)
async def test_what_names_nothing_is_404(gateway: Client, path: str) -> None:
    answer = await gateway.get(path, allow_redirects=False)
    assert answer.status == 404


async def test_the_hubs_own_pages_are_no_streams(gateway: Client) -> None:
    for path in ("/admin/users", "/settings/rows/titles", "/title/movie/tt1"):
        answer = await gateway.get(path, allow_redirects=False)
        assert "/media/" not in answer.headers.get("Location", "")
        assert answer.status in {302, 303}, path


async def test_so_many_lists_are_sent_at_once_to_an_account(gateway: Client, inner: Inner) -> None:
    answers(inner, "vod_streams")
    answers(inner, "vod_categories")
    with ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(gateway.app[keys.LISTS_AT_ONCE].one_more(OWNER.account_id))
        answer = await gateway.get("/player_api.php", params={**LOGIN, "action": "get_vod_streams"})
        assert (answer.status, (await answer.json())["code"]) == (429, "too_many_lists")
        assert answer.headers["Retry-After"] == "10"
        answer = await gateway.get("/player_api.php", params={**LOGIN, "action": "get_vod_categories"})
        assert answer.status == 200
    answer = await gateway.get("/player_api.php", params={**LOGIN, "action": "get_vod_streams"})
    assert answer.status == 200


async def test_lists_come_packed_where_that_is_understood(gateway: Client, inner: Inner) -> None:
    answers(inner, "vod_streams", gzip.compress(b"[1]"), **{"Content-Encoding": "gzip", "ETag": 'W/"a"'})
    answer = await gateway.get("/player_api.php", params={**LOGIN, "action": "get_vod_streams"})
    assert await answer.json() == [1]
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"] == 'W/"a"'
    assert asked(inner, "vod_streams").headers["Accept-Encoding"] == "gzip"
    await gateway.get(
        "/player_api.php",
        params={**LOGIN, "action": "get_vod_streams"},
        headers={"Accept-Encoding": "identity", "If-None-Match": 'W/"a"'},
    )
    call = asked(inner, "vod_streams")
    assert call.headers["Accept-Encoding"] == "identity"
    assert call.headers["If-None-Match"] == 'W/"a"'


async def test_the_playlist_is_a_file(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/catalog/players/playlist?output=m3u8&plain=false&parts=live%2Cmovie"] = Canned(
        b"#EXTM3U\n", headers={"Content-Type": "audio/x-mpegurl"}
    )
    answer = await gateway.get(
        "/get.php", params={**LOGIN, "type": "m3u_plus", "output": "m3u8", "key": "live,movie"}
    )
    assert (answer.status, await answer.text()) == (200, "#EXTM3U\n")
    assert "attachment" in answer.headers["Content-Disposition"]


async def test_a_replaced_password_is_dead_at_once(gateway: Client, inner: Inner) -> None:
    answers(inner, "account", b'{"user_info":{"auth":1}}')
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    before = await (await gateway.get("/api/v1/me", headers=headers)).json()
    assert before["xtream"] == {"url": f"http://127.0.0.1:{gateway.port}", **LOGIN}
    old = await gateway.get("/player_api.php", params=LOGIN)
    assert (await old.json())["user_info"]["auth"] == 1
    rotated = await (await gateway.post("/api/v1/player-login/rotate", headers=headers)).json()
    assert rotated["xtream"]["username"] == PLAYER_NAME
    assert rotated["xtream"]["password"] != PLAYER_PASSWORD
    assert rotated["xtream"]["password"] in rotated["m3u_url"]
    dead = await gateway.get("/player_api.php", params=LOGIN)
    assert (await dead.json())["user_info"]["auth"] == 0
    assert (await gateway.get(f"/live/{PATH}/1.ts", allow_redirects=False)).status == 401


async def test_the_addresses_in_me_are_those_that_answer(gateway: Client, inner: Inner) -> None:
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    me = await (await gateway.get("/api/v1/me", headers=headers)).json()
    base = f"http://127.0.0.1:{gateway.port}"
    query = f"username={PLAYER_NAME}&password={PLAYER_PASSWORD}"
    assert me["m3u_url"] == f"{base}/get.php?{query}&type=m3u_plus&output=ts"
    assert me["xmltv_url"] == f"{base}/xmltv.php?{query}"


async def test_each_login_is_its_own_profile(gateway: Client, inner: Inner) -> None:
    answers(inner, "live_streams")
    inner.players["bob/bbbbbbbb2345"] = STRANGER
    params = {"username": "bob", "password": "bbbbbbbb2345", "action": "get_live_streams"}
    await gateway.get("/player_api.php", params=params)
    assert asked(inner, "live_streams").identity.account_id == STRANGER.account_id


async def test_no_credentials_are_logged_or_measured(
    start: Start, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = await start(HEADGATE_ACCESS_LOG_SAMPLE="1", HEADGATE_LOG_LEVEL="debug")
    for path in (
        f"/live/{PATH}/12.ts",
        f"/{PATH}/12",
        f"/live/{PATH}/nothing",
        f"/live/{PATH}/more/than/that",
        f"/player_api.php?username={PLAYER_NAME}&password={PLAYER_PASSWORD}",
        f"/timeshift/{PATH}/60/2026-01-02:10-30/12.ts",
    ):
        await gateway.get(path, allow_redirects=False)
    metrics = await (await gateway.get("/metrics")).text()
    written = capsys.readouterr()
    assert "http_request" in metrics
    # The test's server has an access log, which the hub's own is started without.
    logged = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    assert PLAYER_PASSWORD not in "".join((metrics, written.out, written.err, *logged))
    assert "/live/{username}/{password}/{file}" in metrics

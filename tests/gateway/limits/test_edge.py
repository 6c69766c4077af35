"""Limits as clients meet them: who is refused, who never is, and what every answer says about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from libs.common.errors import SettingsError
from libs.common.identity import Identity
from services.gateway.identify import SESSION_COOKIE
from services.gateway.settings import Settings
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, OWNER, SESSION_TOKEN, STRANGER, Canned, Inner

FREE_INSTALL = "install-token-of-acc2"
TRUSTED = {"HEADGATE_TRUSTED_PROXIES": "127.0.0.1"}


@pytest.fixture(autouse=True)
def rows(inner: Inner) -> None:
    inner.installs[FREE_INSTALL] = STRANGER
    for number in range(120):
        inner.canned[f"/internal/stremio/catalog/movie/row{number}.json"] = Canned()
        inner.canned[f"/internal/stremio/catalog/movie/row{number}/search=x.json"] = Canned()
    inner.canned["/api/v1/titles/1"] = inner.canned["/api/v1/search?q=x"] = Canned(body=b"{}")


def row(number: int, extra: str = "", token: str = FREE_INSTALL) -> str:
    return f"/stremio/{token}/catalog/movie/row{number}{extra}.json"


def bearer(inner: Inner, identity: Identity = STRANGER) -> dict[str, str]:
    return {"Authorization": f"Bearer {inner.access_token(identity)}"}


async def statuses(
    gateway: Client, times: int, path: str = "/api/v1/titles/1", headers: Mapping[str, str] | None = None
) -> list[int]:
    return [(await gateway.get(path, headers=headers, allow_redirects=False)).status for _ in range(times)]


def limited_by(response: ClientResponse) -> str:
    """The names of the policies that the answer shows, both headers agreeing."""
    names = [
        ",".join(part.split(";")[0].strip(' "') for part in response.headers[header].split(","))
        for header in ("RateLimit", "RateLimit-Policy")
    ]
    assert names[0] == names[1]
    return names[0]


async def test_a_home_screen_of_forty_cold_rows_and_a_search_of_thirty_catalogs_are_never_refused(
    gateway: Client,
) -> None:
    home = [(await gateway.get(row(number))).status for number in range(40)]
    search = [(await gateway.get(row(number, "/search=x"))).status for number in range(30)]
    assert set(home + search) == {200}


async def test_a_player_past_its_limit_gets_a_problem_that_says_when_to_come_back(
    gateway: Client, clock: ManualClock
) -> None:
    answers = [await gateway.get(row(number)) for number in range(81)]
    refused = answers[-1]
    assert [answer.status for answer in answers] == [200] * 80 + [429]
    problem = await refused.json(content_type="application/problem+json")
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert problem["violated-policies"] == ["install"]
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["RateLimit-Policy"] == '"install";q=80;w=8'
    assert refused.headers["RateLimit"] == '"install";r=0;t=1'
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in refused.headers["Access-Control-Expose-Headers"]
    clock.advance(1)
    assert (await gateway.get(row(80))).status == 200


async def test_answers_from_memory_are_counted_by_their_own_rule(gateway: Client) -> None:
    await gateway.get(row(1))
    warm = [await gateway.get(row(1)) for _ in range(401)]
    assert [answer.status for answer in warm] == [200] * 400 + [429]
    assert warm[0].headers["RateLimit"] == '"warm";r=399;t=1'
    assert warm[0].headers["RateLimit-Policy"] == '"warm";q=400;w=2'
    assert (await gateway.get(row(2))).headers["RateLimit"] == '"install";r=78;t=1'


async def test_each_kind_of_answer_says_where_its_caller_stands(gateway: Client, inner: Inner) -> None:
    cold = await gateway.get(row(1))
    assert limited_by(cold) == "install"
    for headers, method, status in (
        ({}, "GET", 200),
        ({}, "HEAD", 200),
        ({"If-None-Match": cold.headers["ETag"]}, "GET", 304),
    ):
        warm = await gateway.request(method, row(1), headers=headers)
        assert (warm.status, limited_by(warm)) == (status, "warm")
        assert "RateLimit" in warm.headers["Access-Control-Expose-Headers"]
    assert limited_by(await gateway.get("/stremio/unknown/manifest.json")) == "anonymous"
    assert limited_by(await gateway.get("/api/v1/titles/1", headers=bearer(inner))) == "account"
    assert limited_by(await gateway.get("/api/v1/titles/404", headers=bearer(inner))) == "account"
    assert limited_by(await gateway.get("/api/v1/search?q=x", headers=bearer(inner))) == "account,search"
    assert (
        limited_by(await gateway.get("/api/v1/titles/1", headers={"Authorization": "Bearer no"}))
        == "anonymous"
    )
    assert limited_by(await gateway.get("/api/v1/nothing")) == "anonymous"
    assert limited_by(await gateway.get("/login")) == "anonymous"
    assert limited_by(await gateway.options(row(1))) == "address"


async def test_the_older_headers_by_setting(start: Start) -> None:
    gateway = await start(HEADGATE_LIMIT_HEADERS="legacy")
    for _ in range(2):
        answer = await gateway.get(row(1))
    assert "RateLimit" not in answer.headers
    assert [answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] == [
        "400",
        "399",
        "1",
    ]


async def test_one_account_that_floods_is_refused_while_another_is_served(
    gateway: Client, inner: Inner
) -> None:
    other = inner.families["f3"] = Identity("acc3", "pro3", "free", ())
    assert await statuses(gateway, 25, headers=bearer(inner)) == [200] * 20 + [429] * 5
    assert await statuses(gateway, 5, headers=bearer(inner, other)) == [200] * 5


async def test_a_key_is_counted_by_itself_and_a_session_with_its_account(
    gateway: Client, inner: Inner
) -> None:
    inner.sessions[SESSION_TOKEN] = STRANGER
    cookie = {"Cookie": f"headgate_session={SESSION_TOKEN}"}
    assert await statuses(gateway, 20, headers=bearer(inner)) == [200] * 20
    assert await statuses(gateway, 1, headers=cookie) == [429]


async def test_an_account_with_many_keys_has_no_more_of_the_hub_than_five_of_them(
    start: Start, inner: Inner
) -> None:
    gateway = await start(HEADGATE_LIMIT_API="1/s burst 4")
    keys = [{"X-Api-Key": f"hgk_{number}"} for number in range(7)]
    for number, key in enumerate(keys):
        account = "acc2" if number < 6 else "acc3"
        inner.keys[key["X-Api-Key"]] = Identity(
            account, f"pro-of-{account}", "api", ("member",), key_id=f"key{number}", scopes=("read",)
        )
    for key in keys[:5]:
        assert await statuses(gateway, 5, headers=key) == [200] * 4 + [429]
    refused = await gateway.get("/api/v1/titles/1", headers=keys[5])
    assert refused.status == 429
    assert (await refused.json(content_type=None))["violated-policies"] == ["api-keys"]
    assert await statuses(gateway, 4, headers=keys[6]) == [200] * 4


async def test_the_owner_of_a_household_is_not_limited_beyond_a_program_gone_wild(
    gateway: Client, inner: Inner
) -> None:
    assert set(await statuses(gateway, 490, headers=bearer(inner, OWNER))) == {200}
    assert await statuses(gateway, 11, headers=bearer(inner, OWNER)) == [200] * 10 + [429]


async def test_too_much_from_one_address_is_refused_before_anybody_is_identified(
    start: Start, inner: Inner
) -> None:
    gateway = await start(HEADGATE_LIMIT_ADDRESS="1/s burst 2")
    paths = [f"/stremio/guess{number}/manifest.json" for number in range(5)]
    found = [await gateway.get(path) for path in paths]
    assert [answer.status for answer in found] == [404, 404, 429, 429, 429]
    assert len(inner.calls_to("/internal/auth/install-tokens/resolve")) == 2
    assert limited_by(found[-1]) == "address"


async def test_signing_in_is_counted_by_address_whoever_it_is_tried_for(gateway: Client) -> None:
    async def attempt(number: int) -> int:
        body = {"username": f"somebody{number}", "password": "a wrong password"}
        return (await gateway.post("/api/v1/auth/login", json=body)).status

    assert [await attempt(number) for number in range(22)] == [401] * 20 + [429] * 2
    oddly = await gateway.post("/api/v1/%61uth/login", json={"username": "a", "password": "b"})
    assert oddly.status == 429


async def test_a_form_that_asks_for_a_password_is_counted_like_the_api_and_opening_it_is_not(
    start: Start, inner: Inner
) -> None:
    gateway = await start(HEADGATE_LIMIT_SIGN_IN="1/m burst 1")
    cookie = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}
    for form in ("/settings/account/password", "/login", "/register"):
        assert "sign-in" not in limited_by(await gateway.get(form, headers=cookie, allow_redirects=False))
    tried = await gateway.post("/settings/account/password", headers=cookie, data={})
    assert (tried.status, limited_by(tried)) == (403, "sign-in")  # without the form's own proof
    for form in ("/settings/account/password", "/login"):
        assert (await gateway.post(form, headers=cookie, data={})).status == 429
    assert (await gateway.post("/api/v1/me/password", headers=bearer(inner), json={})).status == 429
    assert (await gateway.post("/settings/account/delete", headers=cookie, data={})).status == 429
    assert (await gateway.delete("/api/v1/me", headers=bearer(inner), json={})).status == 429


async def test_health_metrics_and_static_files_are_exempt(start: Start) -> None:
    gateway = await start(HEADGATE_LIMIT_ADDRESS="1/m burst 1", HEADGATE_LIMIT_ANONYMOUS="1/m burst 1")
    page = await gateway.get("/login")
    style = next(part for part in (await page.text()).split('"') if part.startswith("/static/"))
    for path in ("/livez", "/readyz", "/metrics", style):
        answers = [await gateway.get(path) for _ in range(3)]
        assert [answer.status for answer in answers] == [200] * 3, path
        assert "RateLimit" not in answers[0].headers


@pytest.mark.parametrize("path", ["/metricsx", "/metrics/x", "/metrics%2fx", "/metrics;x"])
async def test_an_address_that_only_begins_like_an_exempt_one_is_limited(start: Start, path: str) -> None:
    gateway = await start(HEADGATE_LIMIT_ADDRESS="1/m burst 1")
    answers = [(await gateway.get(path)).status for _ in range(2)]
    assert answers == [404, 429]
    assert (await gateway.get("/metrics?x")).status == 200


async def test_a_page_past_its_limit_is_a_page(gateway: Client) -> None:
    assert await statuses(gateway, 10, "/login") == [200] * 10
    refused = await gateway.get("/login", headers={"Accept": "text/html"})
    assert (refused.status, refused.content_type) == (429, "text/html")
    assert "Too many requests" in await refused.text()
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Cache-Control"] == "no-store"
    assert limited_by(refused) == "anonymous"


@pytest.mark.parametrize(
    "claim",
    [
        {"X-Forwarded-For": "203.0.113.{}"},
        {"X-Real-IP": "203.0.113.{}"},
        {"Forwarded": "for=203.0.113.{}"},
        {"X-Tier": "premium", "X-User-Id": "{}"},
        {"X-Headgate-Identity": "{}", "X-Account": "acc{}"},
    ],
)
async def test_what_a_stranger_claims_about_itself_changes_nothing(
    gateway: Client, claim: dict[str, str]
) -> None:
    found = []
    for number in range(12):
        headers = {name: value.format(number) for name, value in claim.items()}
        found.append((await gateway.get("/api/v1/titles/1", headers=headers)).status)
    assert found == [401] * 10 + [429] * 2


async def test_a_trusted_proxy_says_whom_it_speaks_for(start: Start) -> None:
    gateway = await start(**TRUSTED)
    for address in ("203.0.113.1", "203.0.113.2", "2001:db8::1"):
        headers = {"X-Forwarded-For": f"198.51.100.7, {address}"}
        assert await statuses(gateway, 12, headers=headers) == [401] * 10 + [429] * 2
    neighbour = {"X-Forwarded-For": "2001:db8::2"}
    assert await statuses(gateway, 1, headers=neighbour) == [429]  # of the same /64
    for header in ("X-Real-IP", "Forwarded", "X-Tier"):
        headers = {"X-Forwarded-For": "203.0.113.1", header: "203.0.113.99"}
        assert await statuses(gateway, 1, headers=headers) == [429]


async def test_what_was_counted_is_in_the_metrics_with_few_labels(gateway: Client, inner: Inner) -> None:
    odd = inner.families["f9"] = Identity("acc9", "pro9", "a tier of somebody's own", ())
    await statuses(gateway, 21, headers=bearer(inner, odd))
    text = await (await gateway.get("/metrics")).text()
    for outcome, count in (("admitted", 20), ("denied", 1)):
        line = f'headgate_limit_requests_total{{limit="account",outcome="{outcome}",tier="free"}} {count}.0'
        assert line in text


async def test_administrators_see_each_limit(gateway: Client, inner: Inner) -> None:
    answer = await gateway.get("/api/v1/admin/state", headers=bearer(inner, OWNER))
    processes = json.loads(await answer.text())["processes"]
    limits = {limit["name"]: limit for process in processes for limit in process.get("limits", ())}
    assert limits["install"]["rule"] == "10/s burst 80"
    assert limits["address"]["admitted"] == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HEADGATE_LIMIT_ACCOUNT", "10 a second"),
        ("HEADGATE_LIMIT_SIGN_IN", "10/s burst 20; outage perhaps"),
        ("HEADGATE_LIMIT_WARM", "1000/d"),
        ("HEADGATE_LIMIT_HEADERS", "all"),
    ],
)
def test_a_limit_that_cannot_work_is_refused_at_start_by_name(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is set to '{text}'"):
        Settings.from_env({"HEADGATE_DATA_DIR": str(tmp_path), name: text})


async def test_limits_of_the_household_owner_hold_for_players_too(gateway: Client) -> None:
    answers = [await gateway.get(row(number, token=INSTALL_TOKEN)) for number in range(110)]
    assert {answer.status for answer in answers} == {200}
    assert limited_by(answers[-1]) == "address"

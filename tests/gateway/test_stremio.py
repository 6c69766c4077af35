"""The Stremio face: raw paths, CORS everywhere, cache states, conditional requests, encodings."""

from __future__ import annotations

import asyncio
import gzip
import json

import brotli
import pytest
from yarl import URL

from libs.common.hops import own_name
from libs.common.secrets import SecretKey
from services.gateway.callers import KNOWN_S
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, OWNER, SECRET, Canned, Inner

BASE = f"/stremio/{INSTALL_TOKEN}"
PAGE = "/internal/stremio/catalog/movie/top.json"
MANIFEST = "/internal/stremio/manifest.json"


def raw(path: str) -> URL:
    return URL(path, encoded=True)


async def test_manifest_is_asked_of_catalog_as_the_owner_of_the_token(gateway: Client, inner: Inner) -> None:
    inner.canned[MANIFEST] = Canned(b'{"id":"org.headgate"}')
    answer = await gateway.get(f"{BASE}/manifest.json")
    assert answer.status == 200
    assert await answer.json() == {"id": "org.headgate"}
    (call,) = inner.calls_to(MANIFEST)
    assert call.service == "catalog"
    assert call.identity == OWNER.as_service()


@pytest.mark.parametrize(
    ("tail", "service"),
    [
        ("catalog/movie/top.json", "catalog"),
        ("meta/movie/tt1.json", "catalog"),
        ("addon_catalog/all/community.json", "catalog"),
        ("stream/movie/tt1.json", "streaming"),
        ("subtitles/movie/tt1/videoSize=9.json", "streaming"),
    ],
)
async def test_each_resource_goes_to_its_service(
    gateway: Client, inner: Inner, tail: str, service: str
) -> None:
    inner.canned[f"/internal/stremio/{tail}"] = Canned()
    assert (await gateway.get(f"{BASE}/{tail}")).status == 200
    assert inner.calls_to(f"/internal/stremio/{tail}")[0].service == service


@pytest.mark.parametrize(
    "tail",
    [
        "meta/movie/a%2Fb%3Fc.json",
        "stream/series/tt0108778%3A1%3A1.json",
        "catalog/movie/top/search=a%26b%3Dc%2F%C3%A9&skip=100.json",
        "meta/movie/%F0%9F%8E%AC.json",
    ],
)
async def test_escapes_reach_the_service_as_they_were_sent(gateway: Client, inner: Inner, tail: str) -> None:
    inner.canned[f"/internal/stremio/{tail}"] = Canned()
    assert (await gateway.get(raw(f"{BASE}/{tail}"))).status == 200


async def test_every_extra_counts_in_the_cache_key(gateway: Client, inner: Inner) -> None:
    for year in ("1999", "2000"):
        path = f"/internal/stremio/catalog/movie/top/year={year}.json"
        inner.canned[path] = Canned(json.dumps({"metas": [], "year": year}).encode())
    first = await (await gateway.get(f"{BASE}/catalog/movie/top/year=1999.json")).json()
    second = await (await gateway.get(f"{BASE}/catalog/movie/top/year=2000.json")).json()
    assert (first["year"], second["year"]) == ("1999", "2000")


async def test_the_same_question_in_other_escapes_is_one_entry(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/stremio/stream/series/tt1:1:2.json"] = Canned(b'{"streams":[]}')
    await gateway.get(raw(f"{BASE}/stream/series/tt1:1:2.json"))
    answer = await gateway.get(raw(f"{BASE}/stream/series/tt1%3A1%3A2.json"))
    assert answer.headers["X-Headgate-Cache"] == "hit"


async def test_second_answer_is_a_hit_with_what_is_left_of_its_life(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    inner.canned[PAGE] = Canned()
    miss = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert miss.headers["X-Headgate-Cache"] == "miss"
    assert miss.headers["Cache-Status"].startswith("Headgate; fwd=uri-miss; stored; ttl=")
    clock.advance(20)
    hit = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert hit.headers["X-Headgate-Cache"] == "hit"
    assert hit.headers["Cache-Status"].startswith("Headgate; hit; ttl=")
    assert max_age(miss.headers["Cache-Control"]) == max_age(hit.headers["Cache-Control"])
    assert (miss.headers["Age"], hit.headers["Age"]) == ("0", "20")
    assert "stale-while-revalidate=30" in hit.headers["Cache-Control"]
    assert len(inner.calls_to(PAGE)) == 1


async def test_answer_over_its_time_is_asked_for_again_and_not_kept_stale_twice(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    """Catalog's stale answer was kept here as stale too, so the first two questions got what was old."""
    page = f"{BASE}/catalog/movie/top.json"
    inner.canned[PAGE] = Canned(b'{"metas":[1]}')
    await gateway.get(page)
    clock.advance(61)
    stale = {"Cache-Control": "max-age=0, stale-while-revalidate=10", "X-Headgate-Cache": "stale"}
    inner.canned[PAGE] = Canned(b'{"metas":[1]}', headers=stale)
    first = await gateway.get(page)
    assert first.headers["X-Headgate-Cache"] == "stale"
    assert first.headers["Cache-Control"] == "public, max-age=0, s-maxage=0, stale-while-revalidate=10"
    inner.canned[PAGE] = Canned(b'{"metas":[2]}')
    second = await gateway.get(page)
    assert await second.json() == {"metas": [2]}


async def test_lives_are_passed_on_to_the_letter(gateway: Client, inner: Inner, clock: ManualClock) -> None:
    """The services spread their lives already; spread again, the header would say less than was meant."""
    inner.canned[PAGE] = Canned()
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    stated = "public, max-age=60, s-maxage=5, stale-while-revalidate=30, stale-if-error=600"
    assert answer.headers["Cache-Control"] == stated
    clock.advance(59)
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert answer.headers["Cache-Control"] == stated.replace("s-maxage=5", "s-maxage=60")
    assert (answer.headers["Age"], answer.headers["X-Accel-Expires"]) == ("59", "1")


async def test_no_life_in_the_body_outlasts_the_header(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    page = f"{BASE}/catalog/movie/top.json"
    inner.canned[PAGE] = Canned(b'{"metas":[{"id":"a"}],"cacheMaxAge":60,"staleRevalidate":9,"staleError":9}')
    first = await gateway.get(page)
    assert await first.json() == {"metas": [{"id": "a"}]}
    inner.canned[PAGE] = Canned(b'{"metas":[{"id":"a"}],"cacheMaxAge":58,"staleRevalidate":9,"staleError":9}')
    clock.advance(61)
    again = await gateway.get(page, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("state", ["stale", "hit"])
async def test_an_answer_that_an_inner_cache_had_is_called_what_it_was_there(
    gateway: Client, inner: Inner, state: str
) -> None:
    inner.canned[PAGE] = Canned(headers={"Cache-Control": "max-age=5", "X-Headgate-Cache": state})
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert answer.headers["X-Headgate-Cache"] == state
    assert answer.headers["Cache-Status"] == "Headgate-inside; hit, Headgate; fwd=uri-miss; stored; ttl=5"


async def test_service_failing_after_its_life_is_bridged_by_the_old_answer(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    inner.canned[PAGE] = Canned(b'{"metas":[1]}')
    await gateway.get(f"{BASE}/catalog/movie/top.json")
    clock.advance(300)
    inner.canned[PAGE] = Canned(b"{}", status=503, headers={})
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert answer.status == 200
    assert answer.headers["X-Headgate-Cache"] == "stale"
    assert await answer.json() == {"metas": [1]}


async def test_service_failing_with_nothing_older_is_a_problem_that_is_not_kept(
    gateway: Client, inner: Inner
) -> None:
    inner.canned[PAGE] = Canned(
        b'{"code":"unavailable","detail":"Later."}', status=503, headers={"Retry-After": "7"}
    )
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    inner.canned[PAGE] = Canned()
    assert (await gateway.get(f"{BASE}/catalog/movie/top.json")).status == 200


async def test_partial_answer_is_marked_and_lives_shortly(gateway: Client, inner: Inner) -> None:
    inner.canned[PAGE] = Canned(
        headers={"Cache-Control": "max-age=3600, stale-if-error=9999", "X-Headgate-Partial": "addon1"}
    )
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert answer.headers["X-Headgate-Cache"] == "partial"
    assert answer.headers["X-Headgate-Partial"] == "addon1"
    assert max_age(answer.headers["Cache-Control"]) <= 30
    assert "stale" not in answer.headers["Cache-Control"]


async def test_answer_without_a_stated_life_is_passed_on_and_not_kept(gateway: Client, inner: Inner) -> None:
    inner.canned[PAGE] = Canned(headers={})
    for _ in range(2):
        answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
        assert answer.headers["X-Headgate-Cache"] == "bypass"
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(inner.calls_to(PAGE)) == 2


async def test_unknown_title_is_404_and_asked_once_in_a_while(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    path = "/internal/stremio/meta/movie/tt404.json"
    for _ in range(3):
        answer = await gateway.get(f"{BASE}/meta/movie/tt404.json")
        assert answer.status == 404
        assert (await answer.json())["code"] == "not_found"
    assert len(inner.calls_to(path)) == 1
    clock.advance(6)
    await gateway.get(f"{BASE}/meta/movie/tt404.json")
    assert len(inner.calls_to(path)) == 2


async def test_fifty_cold_requests_are_one_call(gateway: Client, inner: Inner) -> None:
    gate = asyncio.Event()
    inner.canned[PAGE] = Canned(gate=gate)
    inner.canned["/internal/stremio/catalog/movie/other.json"] = Canned()

    async def open_gate() -> None:
        # By the time this other question has been answered, all fifty have been asked.
        await gateway.get(f"{BASE}/catalog/movie/other.json")
        gate.set()

    asked = [gateway.get(f"{BASE}/catalog/movie/top.json") for _ in range(50)]
    *answers, _ = await asyncio.gather(*asked, open_gate())
    assert {answer.status for answer in answers if answer} == {200}
    assert len(inner.calls_to(PAGE)) == 1


async def test_unknown_token_is_404_that_a_page_may_read(gateway: Client, inner: Inner) -> None:
    answer = await gateway.get("/stremio/nobodys-token/manifest.json")
    assert answer.status == 404
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (await answer.json())["code"] == "unknown_install_token"
    assert not inner.calls_to(MANIFEST)


async def test_token_is_resolved_once_in_its_time(gateway: Client, inner: Inner, clock: ManualClock) -> None:
    inner.canned[MANIFEST] = Canned()
    for _ in range(3):
        await gateway.get(f"{BASE}/manifest.json")
    assert len(inner.calls_to("/internal/auth/install-tokens/resolve")) == 1
    clock.advance(KNOWN_S + 10)
    await gateway.get(f"{BASE}/manifest.json")
    assert len(inner.calls_to("/internal/auth/install-tokens/resolve")) == 2


async def test_rotated_token_stops_at_once(gateway: Client, inner: Inner) -> None:
    inner.canned[MANIFEST] = Canned()
    assert (await gateway.get(f"{BASE}/manifest.json")).status == 200
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    rotated = await gateway.post("/api/v1/install-token/rotate", headers=headers)
    new = URL((await rotated.json())["stremio_url"])
    assert (await gateway.get(f"{BASE}/manifest.json")).status == 404
    assert (await gateway.get(new.path)).status == 200


@pytest.mark.parametrize("quoted", ["{tag}", "*", 'W/"other", {tag}', "{strong}"])
async def test_matching_tag_is_304_without_a_body(gateway: Client, inner: Inner, quoted: str) -> None:
    inner.canned[PAGE] = Canned()
    first = await gateway.get(f"{BASE}/catalog/movie/top.json")
    tag = first.headers["ETag"]
    asked = quoted.format(tag=tag, strong=tag.removeprefix("W/"))
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json", headers={"If-None-Match": asked})
    assert answer.status == 304
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert await answer.read() == b""


async def test_other_tag_gets_the_answer(gateway: Client, inner: Inner) -> None:
    inner.canned[PAGE] = Canned()
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json", headers={"If-None-Match": '"x"'})
    assert answer.status == 200


@pytest.mark.parametrize("items", [40, 4000])
async def test_encodings_hold_the_same_bytes(start: Start, inner: Inner, items: int) -> None:
    gateway = await start()
    gateway.session._auto_decompress = False
    body = json.dumps({"metas": [{"id": f"tt{i}", "name": f"Film {i}"} for i in range(items)]}).encode()
    inner.canned[PAGE] = Canned(body)
    decoders = {"gzip": gzip.decompress, "br": brotli.decompress}
    for coding, decode in decoders.items():
        for _ in range(2):
            answer = await gateway.get(f"{BASE}/catalog/movie/top.json", headers={"Accept-Encoding": coding})
            assert answer.headers["Content-Encoding"] == coding
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert decode(await answer.read()) == body


async def test_head_has_the_headers_and_no_body(gateway: Client, inner: Inner) -> None:
    inner.canned[PAGE] = Canned(b'{"metas":[]}')
    answer = await gateway.head(f"{BASE}/catalog/movie/top.json")
    assert answer.status == 200
    assert answer.headers["Content-Length"] == "12"
    assert await answer.read() == b""


async def test_preflight_is_answered_for_any_origin(gateway: Client) -> None:
    answer = await gateway.options(f"{BASE}/manifest.json", headers={"Origin": "https://web.stremio.com"})
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("tail", ["", "nothing/here", "play/movie/tt1.json", "catalog/movie.json"])
async def test_no_such_resource_is_404_with_cors(gateway: Client, tail: str) -> None:
    answer = await gateway.get(f"{BASE}/{tail}")
    assert answer.status == 404
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_wrong_method_is_405_with_cors(gateway: Client) -> None:
    answer = await gateway.post(f"{BASE}/manifest.json")
    assert answer.status == 405
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_configure_leads_to_the_page_of_sources(gateway: Client) -> None:
    answer = await gateway.get(f"{BASE}/configure", allow_redirects=False)
    assert answer.status == 302
    assert answer.headers["Location"] == "/sources"


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/meta/movie/%2e%2e/x.json",
        f"{BASE}/meta/movie/..%2f..%2fx.json",
        f"{BASE}/meta/movie/a%00b.json",
        f"{BASE}/catalog/../../../internal/x",
        "/api/v1/addons/..%2f..%2finternal",
        "/api/v1/addons/%2e%2e/",
    ],
)
async def test_climbing_and_nul_paths_are_refused(gateway: Client, inner: Inner, path: str) -> None:
    answer = await gateway.get(raw(path))
    assert answer.status in {400, 404}
    assert not [call for call in inner.calls if call.service == "catalog"]


async def test_a_question_that_began_here_is_refused_warm_or_cold(gateway: Client, inner: Inner) -> None:
    """A hub among its own addons, or two among each other's, asked in circles until the time was over."""
    inner.canned[MANIFEST] = Canned()
    ours = own_name(SecretKey.from_text(SECRET))
    for hops in (ours, f"headgate-0123456789abcdef, {ours}", f"cloudflare; loops=1, {ours}"):
        answer = await gateway.get(f"{BASE}/manifest.json", headers={"CDN-Loop": hops})
        assert answer.status == 508
        assert (await answer.json())["code"] == "loop_detected"
    assert not inner.calls_to(MANIFEST)
    assert (await gateway.get(f"{BASE}/manifest.json")).status == 200
    assert (await gateway.get(f"{BASE}/manifest.json", headers={"CDN-Loop": ours})).status == 508


async def test_a_question_of_another_hub_is_answered_and_its_name_kept(gateway: Client, inner: Inner) -> None:
    inner.canned[MANIFEST] = Canned()
    theirs = "headgate-0123456789abcdef"
    answer = await gateway.get(f"{BASE}/manifest.json", headers={"CDN-Loop": f"cloudflare, {theirs}"})
    assert answer.status == 200
    assert inner.calls_to(MANIFEST)[0].headers["CDN-Loop"] == theirs


async def test_account_change_through_the_gateway_ends_stored_answers(gateway: Client, inner: Inner) -> None:
    inner.canned[MANIFEST] = Canned(b'{"id":"before"}')
    inner.canned["/api/v1/addons"] = Canned(b"{}", status=201, headers={})
    await gateway.get(f"{BASE}/manifest.json")
    inner.canned[MANIFEST] = Canned(b'{"id":"after"}')
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    added = await gateway.post(
        "/api/v1/addons", json={"url": "https://x.test/manifest.json"}, headers=headers
    )
    assert added.status == 201
    assert (await (await gateway.get(f"{BASE}/manifest.json")).json())["id"] == "after"


def max_age(cache_control: str) -> int:
    return int(cache_control.partition("max-age=")[2].partition(",")[0])


async def test_what_is_made_for_each_question_is_asked_for_each_time_and_stands_in_when_it_cannot_be(
    gateway: Client, inner: Inner
) -> None:
    lives = {"Cache-Control": "private, max-age=7, stale-if-error=600", "Age": "7"}
    inner.canned[PAGE] = Canned(b'{"metas":[{"id":"tt1"}]}', headers=lives)
    await gateway.get(f"{BASE}/catalog/movie/top.json")
    inner.canned[PAGE] = Canned(b'{"metas":[{"id":"tt2"}]}', headers=lives)
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert await answer.json() == {"metas": [{"id": "tt2"}]}
    assert answer.headers["Cache-Control"].startswith("public, max-age=7, s-maxage=7")
    assert (answer.headers["Age"], answer.headers["X-Accel-Expires"]) == ("7", "0")
    inner.canned[PAGE] = Canned(b"{}", status=503)
    answer = await gateway.get(f"{BASE}/catalog/movie/top.json")
    assert (answer.status, answer.headers["X-Headgate-Cache"]) == (200, "stale")

"""The caches of the whole hub as administrators see and clear them, through a real gateway."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from aiohttp import web

from libs.common.states import CacheState, Cleared, KeysState, KeyState, LoadState, ProcessState
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, NAMES, OWNER, STRANGER, Canned, Inner
from tests.waiting import until

CACHES = "/api/v1/admin/caches"
CLEAR = f"{CACHES}/clear"
ROW = "catalog/movie/top.json"
BASE = f"/stremio/{INSTALL_TOKEN}"
KEPT = {"Cache-Control": "max-age=60"}


def key(hits: int, age_s: float = 1.0, **changes: object) -> KeyState:
    base = KeyState(id="k1", key="a1:meta/movie/tt1", hits=hits, bytes=900, age_s=age_s, fresh_for_s=9)
    return msgspec.structs.replace(base, **changes)


def catalog_tells(inner: Inner) -> list[tuple[str, bytes]]:
    """Catalog has a cache; the other services have none. Gives who was told to clear what."""
    cleared = list[tuple[str, bytes]]()

    def service_of(request: web.Request) -> str:
        return next(name for name, server in inner.servers.items() if server.port == request.url.port)

    cache = CacheState(
        name="catalogs",
        entries=10,
        bytes=4000,
        hits_memory=60,
        hits_redis=20,
        stale=10,
        misses=10,
        coalesced=4,
        evictions=2,
        loads=15,
        load_errors=1,
    )

    async def state(request: web.Request) -> web.Response:
        name = service_of(request)
        told = ProcessState(
            service=name,
            instance="host/1",
            version="0.1.0",
            uptime_s=5,
            rss_bytes=1,
            load=LoadState(lag_s=0, in_flight=0, limit=10, limit_max=10),
            caches=(cache,) if name == "catalog" else (),
        )
        return web.Response(body=msgspec.json.encode(told))

    async def caches(request: web.Request) -> web.Response:
        if request.method == "POST":
            cleared.append((service_of(request), await request.read()))
            return web.Response(body=msgspec.json.encode(Cleared(entries=3, caches=1)))
        keys = (KeysState(service="catalog", instance="host/1", cache="catalogs", keys=(key(7),)),)
        return web.Response(body=msgspec.json.encode(keys if service_of(request) == "catalog" else ()))

    inner.handlers["/internal/state"] = state
    inner.handlers["/internal/caches"] = caches
    return cleared


class Admin:
    def __init__(self, client: Client, inner: Inner) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}

    async def view(self) -> Any:
        answer = await self._client.get(CACHES, headers=self._headers)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        return await answer.json()

    async def cache(self, name: str) -> Any:
        return next(item for item in (await self.view())["items"] if item["name"] == name)

    async def clear(self, wanted: dict[str, object]) -> Any:
        answer = await self._client.post(CLEAR, headers=self._headers, json=wanted)
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_a_cache_is_told_over_all_processes(gateway: Client, inner: Inner) -> None:
    catalog_tells(inner)
    cache = await Admin(gateway, inner).cache("catalogs")
    assert cache["service"] == "catalog"
    assert (cache["asked"], cache["hit_rate"], cache["saved"]) == (100, 0.9, 85)
    assert (cache["hits_memory"], cache["hits_redis"], cache["stale"], cache["evictions"]) == (60, 20, 10, 2)
    assert [(one["key"], one["hits"]) for one in cache["keys"]] == [("a1:meta/movie/tt1", 7)]


async def test_what_is_asked_for_most_is_shown_without_whose_it_is(gateway: Client, inner: Inner) -> None:
    inner.canned[f"/internal/stremio/{ROW}"] = Canned(b'{"metas":[]}', headers=KEPT)
    for _ in range(3):
        assert (await gateway.get(f"{BASE}/{ROW}")).status == 200
    admin = Admin(gateway, inner)
    view = await admin.view()
    text = msgspec.json.encode(view).decode()
    assert INSTALL_TOKEN not in text
    responses = next(item for item in view["items"] if item["name"] == "responses")
    assert [(one["key"].endswith(ROW), one["hits"]) for one in responses["keys"]] == [(True, 2)]
    assert (responses["loads"], responses["saved"]) == (1, 2)
    callers = next(item for item in view["items"] if item["name"] == "callers")
    assert callers["entries"] > 0
    assert callers["keys"] == []  # they are proofs


async def asked(inner: Inner) -> int:
    return len(inner.calls_to(f"/internal/stremio/{ROW}"))


@pytest.mark.parametrize("what", ["key", "tag", "all"])
async def test_what_is_cleared_is_asked_for_anew(gateway: Client, inner: Inner, what: str) -> None:
    inner.canned[f"/internal/stremio/{ROW}"] = Canned(b'{"metas":[]}', headers=KEPT)
    admin = Admin(gateway, inner)
    for _ in range(2):
        await gateway.get(f"{BASE}/{ROW}")
    assert await asked(inner) == 1
    [key] = (await admin.cache("responses"))["keys"]
    wanted: dict[str, dict[str, object]] = {
        "key": {"key": key["id"]},
        "tag": {"tag": key["tags"][0]},
        "all": {"all": True},
    }
    cleared = await admin.clear({"cache": "responses", **wanted[what]})
    assert cleared["entries"] == 1
    await gateway.get(f"{BASE}/{ROW}")
    assert await asked(inner) == 2


async def test_every_process_is_told(gateway: Client, inner: Inner) -> None:
    told = catalog_tells(inner)
    cleared = await Admin(gateway, inner).clear({"all": True})
    assert cleared["missing"] == []
    assert cleared["entries"] >= 3 * len(NAMES)
    assert sorted(told) == [(name, b'{"cache":"","key":"","tag":"","all":true}') for name in sorted(NAMES)]


async def test_who_could_not_be_told_is_named(gateway: Client, inner: Inner) -> None:
    catalog_tells(inner)
    await inner.servers["streaming"].close()
    cleared = await Admin(gateway, inner).clear({"all": True})
    assert [one["service"] for one in cleared["missing"]] == ["streaming"]


async def test_a_service_of_another_version_does_not_hide_the_others(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/caches"] = Canned(body=b'{"nothing": "known"}')
    assert (await Admin(gateway, inner).cache("responses"))["keys"] == []


async def test_where_nothing_is_named_nothing_goes(gateway: Client, inner: Inner) -> None:
    inner.canned[f"/internal/stremio/{ROW}"] = Canned(b'{"metas":[]}', headers=KEPT)
    await gateway.get(f"{BASE}/{ROW}")
    assert (await Admin(gateway, inner).clear({"cache": "responses"}))["entries"] == 0
    assert (await gateway.get(f"{BASE}/{ROW}")).headers["X-Headgate-Cache"] == "hit"
    assert (await Admin(gateway, inner).clear({"key": "none", "all": True}))["entries"] > 0


async def test_only_administrators_see_and_clear(gateway: Client, inner: Inner) -> None:
    stranger = {"Authorization": f"Bearer {inner.access_token(STRANGER)}"}
    assert (await gateway.get(CACHES)).status == 401
    assert (await gateway.get(CACHES, headers=stranger)).status == 403
    assert (await gateway.post(CLEAR, headers=stranger, json={"all": True})).status == 403
    assert (await gateway.post("/internal/caches", headers=stranger, json={"all": True})).status in {401, 403}


async def test_gateways_on_one_redis_are_cleared_together(start: Start, inner: Inner, redis_url: str) -> None:
    inner.canned[f"/internal/stremio/{ROW}"] = Canned(b'{"metas":[]}', headers=KEPT)
    first, second = [await start(HEADGATE_REDIS_CACHE_URL=redis_url) for _ in range(2)]
    for gateway in (first, second):
        await gateway.get(f"{BASE}/{ROW}")
    assert await asked(inner) == 1
    await Admin(first, inner).clear({"cache": "responses", "all": True})
    others = Admin(second, inner)

    async def is_empty() -> bool:
        return bool((await others.cache("responses"))["entries"] == 0)

    await until(is_empty)
    await second.get(f"{BASE}/{ROW}")
    assert await asked(inner) == 2

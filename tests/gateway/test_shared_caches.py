"""What a CDN or nginx may keep: what anybody may see, as long as a change may stay unseen; nothing else."""

from __future__ import annotations

import pytest

from services.gateway.answers import SHARED_S, SHARED_STALE_S
from services.gateway.responses import SHOWN_S
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client
from tests.gateway.inner import Canned, Inner
from tests.gateway.test_stremio import BASE, PAGE

WIDE = {"Cache-Control": "max-age=86400, stale-while-revalidate=604800, stale-if-error=604800"}


def lives(value: str) -> dict[str, int | None]:
    parts = (part.strip().partition("=") for part in value.split(","))
    return {name: int(number) if number else None for name, _, number in parts}


async def test_a_players_answer_is_kept_by_others_for_moments_only(gateway: Client, inner: Inner) -> None:
    """Its address is a secret that can be replaced, and a shared cache doesn't hear of that."""
    inner.canned[PAGE] = Canned(headers=WIDE)
    headers = (await gateway.get(f"{BASE}/catalog/movie/top.json")).headers
    stated = lives(headers["Cache-Control"])
    assert (stated["max-age"], headers["Age"]) == (SHOWN_S, "0")
    assert (stated["s-maxage"], headers["X-Accel-Expires"]) == (SHARED_S, str(SHARED_S))
    assert stated["stale-while-revalidate"] == SHARED_STALE_S
    assert stated["stale-if-error"] == 604800 + 86400 - SHOWN_S


async def test_lives_count_from_when_the_answer_was_made(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    """Caches take Age off max-age and s-maxage; what is left is what the hub itself has left."""
    inner.canned[PAGE] = Canned(headers={"Cache-Control": "max-age=1060, stale-if-error=60", "Age": "1000"})
    await gateway.get(f"{BASE}/catalog/movie/top.json")
    for passed_s in (20, 38):
        clock.advance(passed_s)
        headers = (await gateway.get(f"{BASE}/catalog/movie/top.json")).headers
        stated, age = lives(headers["Cache-Control"]), int(headers["Age"])
        assert headers["X-Headgate-Cache"] == "hit"
        assert (stated["max-age"], stated["stale-if-error"]) == (1060, 60)
        assert stated["s-maxage"] == age + int(headers["X-Accel-Expires"])
    assert (age, headers["X-Accel-Expires"]) == (1058, "2")


@pytest.mark.parametrize("path", ["/openapi.json"])
async def test_what_anybody_may_see_states_every_life(gateway: Client, path: str) -> None:
    stated = lives((await gateway.get(path)).headers["Cache-Control"])
    assert {"public", "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"} <= set(stated)


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/sources", "/api/v1/me", "/api/v1/addons", "/api/v1/auth/login", "/nowhere", "/livez"],
)
@pytest.mark.parametrize(
    "who", [{}, {"Authorization": "Bearer nobody"}, {"Cookie": "headgate_session=nobody"}]
)
async def test_everything_else_is_for_the_asker_alone(
    gateway: Client, path: str, who: dict[str, str]
) -> None:
    answer = await gateway.get(path, headers=who, allow_redirects=False)
    stated = lives(answer.headers.get("Cache-Control", ""))
    assert {"public", "s-maxage"}.isdisjoint(stated), stated
    assert {"private", "no-store"} & set(stated), (answer.status, stated)


async def test_an_unknown_address_is_not_kept(gateway: Client) -> None:
    answer = await gateway.get("/stremio/unknown/manifest.json")
    assert answer.status in {403, 404}
    assert lives(answer.headers["Cache-Control"]) == {"no-store": None}

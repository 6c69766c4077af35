"""What a CDN or nginx may keep: what anybody may see, as long as a change may stay unseen; nothing else."""

from __future__ import annotations

import pytest

from services.gateway.answers import SHARED_S, SHARED_STALE_S
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
    stated = lives((await gateway.get(f"{BASE}/catalog/movie/top.json")).headers["Cache-Control"])
    assert stated["max-age"] == 86400
    assert stated["s-maxage"] == SHARED_S
    assert stated["stale-while-revalidate"] == SHARED_STALE_S
    assert stated["stale-if-error"] == 604800


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

"""Whether there is an owner is asked until there is one, and then known for good."""

from __future__ import annotations

import pytest
from aiohttp import web

from tests.gateway.conftest import Client
from tests.gateway.inner import Inner, problem

SET_UP = "/internal/auth/setup"


async def shown(client: Client, path: str = "/login") -> tuple[int, str]:
    """The status, and where it leads."""
    answer = await client.get(path, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "")


async def test_a_crowd_at_the_door_costs_auth_one_question(gateway: Client, inner: Inner) -> None:
    for path in ("/login", "/", "/sources", "/login"):
        await shown(gateway, path)
    assert len(inner.calls_to(SET_UP)) == 1
    assert not inner.calls_to(SET_UP)[0].identity.is_known


async def test_until_there_is_an_owner_it_is_asked_each_time(gateway: Client, inner: Inner) -> None:
    """Another gateway may be where the owner is made."""
    inner.owner_exists = False
    assert await shown(gateway) == (303, "/setup")
    inner.owner_exists = True
    assert (await shown(gateway))[0] == 200
    assert len(inner.calls_to(SET_UP)) == 2


@pytest.mark.parametrize("code", ["overloaded", "unavailable"])
async def test_what_auth_could_not_say_is_asked_again(gateway: Client, inner: Inner, code: str) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return problem(503, code, "Not now.")

    inner.handlers[SET_UP] = refuse
    assert (await shown(gateway))[0] == 503
    del inner.handlers[SET_UP]
    assert (await shown(gateway))[0] == 200

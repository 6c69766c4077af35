"""What is told to an address that somebody gave: nothing beyond it, and nothing that says what it is."""

from __future__ import annotations

import pytest

from libs.common.http import Guard, make_session
from services.sync.sources import webhooks
from services.sync.sources.webhooks import Webhooks
from tests.fakes.misbehaving import MisbehavingServer


async def post(url: str, *, allow_private: bool = True) -> str:
    guard = Guard(allow_private=allow_private)
    async with make_session(guard=guard) as session:
        return await Webhooks(session, guard).post(url, b"{}")


async def test_a_redirect_is_not_followed() -> None:
    async with MisbehavingServer("ok") as inside, MisbehavingServer("redirect") as hook:
        hook.redirect_to = inside.url("/")
        assert await post(hook.url("/hook")) == "302"
    assert not inside.requests


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_not_asked_where_none_may_be(host: str) -> None:
    async with MisbehavingServer("ok") as server:
        assert await post(server.url("/hook", host=host), allow_private=False) == "not_reached"
    assert not server.requests


async def test_an_answer_is_not_read() -> None:
    async with MisbehavingServer("endless") as server:
        assert await post(server.url("/hook")) == "200"


async def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "WITHIN_S", 0.2)
    async with MisbehavingServer("stall_headers") as server:
        assert await post(server.url("/hook?token=secret")) == "not_reached"

"""How much is played at once, and by whom nothing is taken."""

from __future__ import annotations

from contextlib import ExitStack

import aiohttp
import pytest

from services.streaming.errors import StreamsFull, TooManyStreams
from services.streaming.keys import CROWD
from services.streaming.media.crowd import MOST, MOST_OF_ACCOUNT, Crowd
from services.streaming.routes import media as routes
from tests.fakes.misbehaving import MisbehavingServer
from tests.streaming.media.conftest import ACCOUNT, Media
from tests.streaming.media.test_hostile_providers import offered
from tests.waiting import until

FILM = {"Content-Type": "video/mp4"}


def test_an_account_plays_so_much_at_once_and_others_are_let_be() -> None:
    crowd = Crowd()
    with ExitStack() as stack:
        for _ in range(MOST_OF_ACCOUNT):
            stack.enter_context(crowd.joined("account"))
        with pytest.raises(TooManyStreams), crowd.joined("account"):
            pass
        with crowd.joined("another"):
            pass
    with crowd.joined("account"):
        pass


def test_all_accounts_together_play_no_more_than_the_hub_can() -> None:
    crowd = Crowd()
    with ExitStack() as stack:
        for number in range(MOST):
            stack.enter_context(crowd.joined(str(number)))
        with pytest.raises(StreamsFull), crowd.joined("another"):
            pass


async def test_who_plays_too_much_is_told_so(media: Media) -> None:
    wish = media.film()
    crowd = media.service.running.app[CROWD]
    with ExitStack() as stack:
        for _ in range(MOST_OF_ACCOUNT):
            stack.enter_context(crowd.joined(ACCOUNT))
        async with media.open(wish) as answer:
            assert answer.status == 429
            assert (await answer.json())["code"] == "too_many_streams"
    assert not media.panel.asked


async def test_a_player_that_takes_nothing_is_left(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "PAUSED_S", 0.2)
    async with (
        MisbehavingServer("huge", headers=FILM) as server,
        media.open(offered(media, server.url("/7"))) as answer,
    ):
        await until(media.passes_nothing)
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_a_playlist_that_drips_is_not_waited_for(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "LIST_WITHIN_S", 0.2)
    async with (
        MisbehavingServer("drip", body=b"#EXTM3U\n" * 1000) as server,
        media.open(offered(media, server.url("/7.m3u8"))) as answer,
    ):
        assert answer.status == 504

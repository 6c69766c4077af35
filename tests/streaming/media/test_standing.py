"""Signed paths end with what their player was let in by."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from libs.common.clock import SystemClock
from libs.common.http import make_session
from libs.common.identity import Identity
from libs.common.proofs import AWAY_S
from services.streaming.media.standing import KNOWN_S
from tests.fakes.clock import ManualClock
from tests.fakes.panel.panel import FakePanel
from tests.streaming.hub import streaming
from tests.streaming.media.conftest import PROOF, Media

KNOWN = f"{PROOF.kind} {PROOF.token}"


async def test_a_login_that_is_gone_plays_nothing(media: Media) -> None:
    del media.service.catalog.proofs[KNOWN]
    async with media.open(media.film()) as answer:
        assert answer.status == 403
        assert (await answer.json())["code"] == "media_path_over"
    assert not media.panel.asked


async def test_a_login_that_is_somebody_elses_by_now_plays_nothing(media: Media) -> None:
    media.service.catalog.proofs[KNOWN] = Identity("another account", "another profile")
    async with media.open(media.film()) as answer:
        assert answer.status == 403


async def test_a_part_of_a_playlist_ends_with_it(media: Media) -> None:
    async with media.open(media.channel("m3u8"), "m3u8") as answer:
        part = next(line for line in (await answer.text()).splitlines() if not line.startswith("#"))
    assert media.paths.read(part.split("/")[2]).proof == PROOF


async def test_what_plays_is_ended_soon_after_its_login(tmp_path: Path, panel: FakePanel) -> None:
    clock = ManualClock(SystemClock().time())
    panel.hold_streams()
    async with streaming(tmp_path, clock=clock) as service, make_session() as player:
        media = Media(service, panel, player)
        wish = media.channel()
        async with media.open(wish, "ts") as answer:
            await answer.content.readany()
            service.catalog.proofs.clear()
            async with media.open(media.film()) as other:
                assert other.status == 200
            await clock.advance_and_settle(KNOWN_S)
            with pytest.raises(aiohttp.ClientError):
                await answer.read()
        async with media.open(wish, "ts") as answer:
            assert answer.status == 403


async def test_who_was_known_plays_on_while_auth_is_away(tmp_path: Path, panel: FakePanel) -> None:
    clock = ManualClock(SystemClock().time())
    async with streaming(tmp_path, clock=clock) as service, make_session() as player:
        media = Media(service, panel, player)
        wish = media.film()
        async with media.open(wish) as answer:
            assert answer.status == 200
        service.catalog.proofs_status = 503
        await clock.advance_and_settle(KNOWN_S)
        async with media.open(wish) as answer:
            assert answer.status == 200
        await clock.advance_and_settle(AWAY_S)
        async with media.open(wish) as answer:
            assert answer.status == 503

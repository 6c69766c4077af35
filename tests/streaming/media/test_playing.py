"""How many connections a profile is told that it holds."""

from __future__ import annotations

from libs.common.clock import SystemClock
from libs.common.contracts.streaming import StreamingClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from tests.streaming.media.conftest import ACCOUNT, PROFILE, Media
from tests.waiting import until


async def playing(media: Media, profile: str = PROFILE) -> int:
    client, deadline = StreamingClient(media.service.client), Deadline.after(SystemClock(), 5)
    return await client.playing(Identity(ACCOUNT, profile), deadline=deadline)


async def test_a_connection_is_counted_for_its_profile_while_it_is_held(media: Media) -> None:
    media.panel.hold_streams()
    other = media.channel(most=2, nth=1)
    assert await playing(media) == 0
    async with media.open(media.channel(), "ts") as first, media.open(other, "ts") as second:
        await first.content.readany()
        await second.content.readany()
        assert await playing(media) == 2
        assert await playing(media, "another") == 0

    async def none() -> bool:
        return await playing(media) == 0

    await until(none)

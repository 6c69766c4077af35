"""Which sites may stand in a frame: asked once for a while, for everybody."""

from __future__ import annotations

import msgspec

from libs.common.contracts.embeds import PATH, EmbedSites, EmbedSiteView
from libs.common.deadline import Deadline
from services.gateway import frames, keys
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client
from tests.gateway.inner import OWNER, Canned, Inner


def sites(*origins: str) -> Canned:
    views = tuple(EmbedSiteView(id=each, name=each, origin=each, status="up") for each in origins)
    return Canned(msgspec.json.encode(EmbedSites(views)))


async def test_they_are_asked_for_once_in_a_while_and_stay_known(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    app = gateway.server.app  # type: ignore[attr-defined]
    inner.canned[PATH] = sites("https://one.example")

    async def origins() -> tuple[str, ...]:
        found: tuple[str, ...] = await app[keys.FRAMES].origins(OWNER, deadline=Deadline.after(clock, 5))
        return found

    assert await origins() == await origins() == ("https://one.example",)
    assert len(inner.calls_to(PATH)) == 1
    clock.advance(frames.KEPT_S + 1)
    inner.canned[PATH] = Canned(b"{}", status=503)
    assert await origins() == ("https://one.example",)
    inner.canned[PATH] = sites()
    assert await origins() == ()

"""The provider that docs/providers.md shows, among the others as any of the hub's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from libs.addons.answers import Kept
from libs.common.clock import SystemClock
from libs.common.deadline import Deadline
from libs.common.http import BadAnswer, Fetcher, Guard, TimedOut, UpstreamStatus, make_session
from libs.common.metrics import Metrics
from libs.common.resilience import BreakerOpen, ResilienceSettings, RetryPolicy, Upstreams
from libs.common.serve import start_site
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.providers.own import OwnProviders
from tests.streaming.hub import OWNER
from tests.streaming.providers import template
from tests.streaming.providers.template import Archive

DOCUMENT = Path(__file__).parents[3] / "docs" / "providers.md"
ATTEMPTS = 2


class Site:
    """Answers with `body`; `failures` is how many times it fails before that."""

    def __init__(self) -> None:
        self.body = b'[{"url": "https://a.example/m.mp4", "name": "m.mp4", "size_bytes": 7, "more": 1}]'
        self.status = 200
        self.failures = 0
        self.asked: list[str] = []
        self.hold: asyncio.Event | None = None

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self.hold is not None:
            await self.hold.wait()
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        return web.Response(status=self.status, body=self.body)


class Asking:
    """The provider behind what stands between every provider and the hub."""

    def __init__(self, site: Site, fetcher: Fetcher, base: str, upstreams: Upstreams) -> None:
        self.site = site
        self.fetcher = fetcher
        self.upstreams = upstreams
        self._own = OwnProviders([Archive(base, fetcher)], ("archive", "addons"), upstreams)

    def asked(self, resource: str = "stream", type_: str = "movie", id_: str = "tt0017136") -> int:
        return sum(map(len, self._own.asked(OWNER, ResourcePath(resource, type_, id_))))

    async def streams(self, id_: str = "tt0017136", *, within_s: float = 5.0) -> Kept:
        before, _ = self._own.asked(OWNER, ResourcePath("stream", "movie", id_))
        return await before[0].ask(Deadline.after(SystemClock(), within_s))


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    site, clock, guard = Site(), SystemClock(), Guard(allow_private=True)
    app = web.Application()
    app.router.add_get("/{file}", site.answer)
    running = await start_site(app, "127.0.0.1:0")
    limits = ResilienceSettings(retry=RetryPolicy(ATTEMPTS, base_s=0.001), fail_max=3)
    upstreams = Upstreams(clock=clock, metrics=Metrics("test"), settings=limits)
    async with make_session(guard=guard) as session:
        yield Asking(site, Fetcher(session, guard, clock), f"http://127.0.0.1:{running.port}", upstreams)
    if site.hold is not None:
        site.hold.set()
    await running.aclose()


async def test_what_the_site_has_is_read_as_sources(asking: Asking) -> None:
    kept = await asking.streams()
    assert [item.identity[1] for item in kept.items] == ['url="https://a.example/m.mp4"']
    assert kept.freshness.max_age_s == 600
    assert asking.site.asked == ["/tt0017136.json"]


def test_only_what_it_declares_is_asked_for(asking: Asking) -> None:
    assert asking.asked() == 1
    assert asking.asked(type_="series") == 0
    assert asking.asked(id_="kitsu:1") == 0
    assert asking.asked(resource="subtitles") == 0


async def test_title_it_does_not_have_is_no_failure(asking: Asking) -> None:
    asking.site.status = 404
    assert (await asking.streams()).items == ()


async def test_failure_is_tried_again_and_one_that_goes_on_breaks_off(asking: Asking) -> None:
    asking.site.failures = 1
    assert len((await asking.streams()).items) == 1
    asking.site.failures = 100
    with pytest.raises(UpstreamStatus):
        await asking.streams()
    with pytest.raises((UpstreamStatus, BreakerOpen)):
        await asking.streams()
    asked = len(asking.site.asked)
    with pytest.raises(BreakerOpen):
        await asking.streams()
    assert len(asking.site.asked) == asked


async def test_slow_site_is_left_at_the_deadline(asking: Asking) -> None:
    asking.site.hold = asyncio.Event()
    with pytest.raises(TimedOut):
        await asking.streams(within_s=0.2)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"files": []}', b'[{"url": 1, "name": "x"}]', b"[" * 9999]
)
async def test_answer_of_another_shape_is_a_failure_with_words(asking: Asking, body: bytes) -> None:
    asking.site.body = body
    with pytest.raises(BadAnswer, match="something else than files"):
        await asking.streams()


async def test_source_that_can_not_be_played_is_left_out(asking: Asking) -> None:
    asking.site.body = (
        b'[{"url": "javascript:alert(1)", "name": "x"}, {"url": "https://b.example/2", "name": ""}]'
    )
    assert len((await asking.streams()).items) == 1


def test_document_shows_this_very_provider() -> None:
    code = Path(template.__file__).read_text()
    assert f"```python\n{code}```" in DOCUMENT.read_text()

"""One addon's answers, asked over real HTTP, with a clock that moves only when told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from libs.addons.answers import Answers, Kept
from libs.addons.patience import Patience
from libs.addons.resting import Resting
from libs.common.cache import Cache
from libs.common.contracts.addon_health import HealthObservation
from libs.common.deadline import Deadline
from libs.common.http import Fetcher, Guard, make_session
from libs.common.metrics import Metrics
from libs.common.resilience import ResilienceSettings, RetryPolicy, Upstreams
from libs.common.tasks import Tasks
from libs.protocols.stremio.client import StremioClient
from libs.protocols.stremio.manifest import BehaviorHints, Manifest
from libs.protocols.stremio.paths import parse_resource_path
from tests.fakes.addon import FakeAddon
from tests.fakes.clock import ManualClock

RESOURCES = ("catalog", "addon_catalog", "meta", "stream", "subtitles")

WAITED_S = 1.2
"""How long callers wait for an addon here, more than the half second a late one still gets."""


NO_HINTS = BehaviorHints()
MANIFEST = Manifest(id="org.fake", name="Fake", version="1.0.0")


@dataclass(frozen=True)
class Listed:
    """An addon of somebody's list."""

    transport_url: str = field(repr=False)
    manifest: Manifest
    transport_hash: str = "a1"
    id: str = "addon-1"
    name: str = "Mine"


class Seen:
    """Remembers what it is told of an addon's health."""

    def __init__(self) -> None:
        self.observations: list[HealthObservation] = []

    def note(self, seen: HealthObservation) -> None:
        self.observations.append(seen)


@dataclass
class Asking:
    """Answers and what is around them."""

    answers: Answers
    clock: ManualClock
    seen: Seen
    resting: Resting

    async def ask(
        self,
        addon: FakeAddon,
        tail: str,
        *,
        within_s: float = 30,
        hints: BehaviorHints = NO_HINTS,
        ahead: float | None = None,
    ) -> Kept:
        """`tail` is a raw path such as `stream/movie/tt1.json`; `ahead` is the share of `Answers.ahead`."""
        answers = self.answers if ahead is None else self.answers.ahead(ahead)
        listed = Listed(addon.manifest_url, replace(MANIFEST, hints=hints))
        deadline = Deadline.after(self.clock, within_s)
        return await answers.ask(listed, parse_resource_path(tail), deadline=deadline)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def asking(clock: ManualClock) -> AsyncIterator[Asking]:
    metrics, tasks, seen = Metrics("test", clock=clock), Tasks(), Seen()
    resting = Resting(clock)
    cache = Cache("answers", clock=clock, tasks=tasks, metrics=metrics)
    # One attempt: what is counted here are questions, and waiting between attempts would need time to pass.
    limits = ResilienceSettings(retry=RetryPolicy(attempts=1))
    guard = Guard(allow_private=True)
    await cache.start()
    async with make_session(guard=guard) as session:
        answers = Answers(
            StremioClient(Fetcher(session, guard, clock)),
            cache=cache,
            upstreams=Upstreams(clock=clock, metrics=metrics, settings=limits),
            health=seen,
            patience=Patience(dict.fromkeys(RESOURCES, WAITED_S)),
            resting=resting,
            clock=clock,
            timeout_s=20,
        )
        yield Asking(answers, clock, seen, resting)
        await tasks.aclose()
        await cache.aclose()

"""`xtream`: everything a panel has for one account: categories, channels, films, series and the guide."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from types import MappingProxyType
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import (
    CategoryKind,
    CategoryRow,
    HandoverClient,
    ProviderAccess,
)
from libs.common.tasks import Tasks
from libs.protocols.xtream.addresses import Kind as PanelKind
from libs.protocols.xtream.client import XtreamClient
from libs.providers.states import state_told
from services.sync.kinds.base import Report, Scope
from services.sync.kinds.handing import Handover
from services.sync.kinds.lists import ListRead
from services.sync.kinds.parts import Part, Parts, having_guide
from services.sync.kinds.tries import Run
from services.sync.kinds.turns import Turns
from services.sync.model import JobRun
from services.sync.sources.providers import ProviderSource
from services.sync.sources.reading import Reading

WEIGHTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "account": 1,
        "categories": 2,
        "channels": 15,
        "movies": 40,
        "series": 20,
        "guide": 15,
        "matching": 6,
        "finish": 1,
    }
)
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "The account",
        "categories": "Categories",
        "channels": "Channels",
        "movies": "Films",
        "series": "Series",
        "guide": "Guide",
        "matching": "Titles",
    }
)
_LISTS: Final[Mapping[CategoryKind, PanelKind]] = MappingProxyType(
    {"channels": "live", "movies": "movie", "series": "series"}
)


class SyncPanel:
    """`incremental` sends what has changed, `full` everything."""

    name = "xtream"
    scope: Scope = "provider"

    def __init__(
        self, source: ProviderSource, handover: HandoverClient, clock: Clock, tasks: Tasks, *, turns: Turns
    ) -> None:
        self._source = source
        self._handover = Handover(handover, clock, tasks)
        self._clock = clock
        self._turns = turns

    async def check(self) -> None:
        """It may always be started."""

    async def run(self, job: JobRun, report: Report) -> None:
        run = Run(job, report, self._clock, WEIGHTS)
        await self._turns.make_room(job)
        async with AsyncExitStack() as begun:
            await Parts(self._handover, NAMES).run(run, partial(self._parts, begun))

    def _parts(self, begun: AsyncExitStack, access: ProviderAccess) -> list[Part]:
        syncing = _Syncing(self._handover, self._source, access, begun)
        return [
            ("account", syncing.account),
            ("categories", syncing.categories),
            ("channels", syncing.channels),
            ("movies", syncing.movies),
            ("series", syncing.series),
            ("guide", having_guide(syncing.guide)),
            ("matching", syncing.matching),
        ]


class _Syncing:
    """While a list is written the next one is read already: no panel is asked for more than two at once."""

    def __init__(
        self, handover: Handover, source: ProviderSource, access: ProviderAccess, begun: AsyncExitStack
    ) -> None:
        self._handover = handover
        self._access = access
        self._panel: XtreamClient = source.panel(access)
        self._lists: dict[CategoryKind, ListRead] = {}
        self._begun = begun

    async def account(self, run: Run) -> None:
        account = await self._panel.account()
        await self._handover.state(run, state_told(account))

    async def categories(self, run: Run) -> None:
        for kind, panel_kind in _LISTS.items():
            found = await self._panel.categories(panel_kind)
            await self._handover.categories(run, kind, [CategoryRow(one.id, one.name) for one in found])

    async def channels(self, run: Run) -> None:
        reader = await self._take(run, "channels", then="movies")
        run.wanted = reader.wanted

    async def movies(self, run: Run) -> None:
        await self._take(run, "movies", then="series")

    async def series(self, run: Run) -> None:
        await self._take(run, "series")

    async def guide(self, run: Run) -> None:
        listed = self._handover.listed(run, "guide", ("programmes",), self._panel.guide(), wanted=run.wanted)
        await self._handover.take(run, "guide", listed)

    async def _take(self, run: Run, kind: CategoryKind, *, then: CategoryKind | None = None) -> Reading:
        self._begin(run, kind)
        if then is not None and then not in run.done:
            self._begin(run, then)
        return await self._handover.take(run, kind, self._lists[kind])

    def _begin(self, run: Run, kind: CategoryKind) -> None:
        if kind not in self._lists:
            pieces = self._panel.unread(_LISTS[kind])
            listed = self._lists[kind] = self._handover.listed(run, kind, (kind,), pieces)
            self._begun.push_async_callback(listed.aclose)

    async def matching(self, run: Run) -> None:
        await self._handover.matched(run, "matching")

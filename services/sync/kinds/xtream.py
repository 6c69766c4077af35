"""`xtream`: everything a panel has for one account: categories, channels, films, series and the guide."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import (
    CategoryKind,
    CategoryRow,
    HandoverClient,
    ProviderAccess,
)
from libs.protocols.xtream.addresses import Kind as PanelKind
from libs.protocols.xtream.client import XtreamClient
from libs.providers.states import state_told
from services.sync.kinds.base import Report, Scope
from services.sync.kinds.handing import Handover
from services.sync.kinds.parts import Part, Parts, having_guide
from services.sync.kinds.tries import Run
from services.sync.kinds.turns import Turns
from services.sync.model import JobRun
from services.sync.sources.providers import ProviderSource

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

    def __init__(self, source: ProviderSource, handover: HandoverClient, clock: Clock, turns: Turns) -> None:
        self._source = source
        self._handover = Handover(handover, clock)
        self._clock = clock
        self._turns = turns

    async def check(self) -> None:
        """It may always be started."""

    async def run(self, job: JobRun, report: Report) -> None:
        run = Run(job, report, self._clock, WEIGHTS)
        await self._turns.make_room(job)
        await Parts(self._handover, NAMES).run(run, self._parts)

    def _parts(self, access: ProviderAccess) -> list[Part]:
        syncing = _Syncing(self._handover, self._source, access)
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
    def __init__(self, handover: Handover, source: ProviderSource, access: ProviderAccess) -> None:
        self._handover = handover
        self._access = access
        self._panel: XtreamClient = source.panel(access)

    async def account(self, run: Run) -> None:
        account = await self._panel.account()
        await self._handover.state(run, state_told(account))

    async def categories(self, run: Run) -> None:
        for kind, panel_kind in _LISTS.items():
            found = await self._panel.categories(panel_kind)
            await self._handover.categories(run, kind, [CategoryRow(one.id, one.name) for one in found])

    async def channels(self, run: Run) -> None:
        pieces = self._panel.unread("live")
        reader = await self._handover.take(run, "channels", "channels", ("channels",), pieces)
        run.wanted = reader.wanted

    async def movies(self, run: Run) -> None:
        await self._handover.take(run, "movies", "movies", ("movies",), self._panel.unread("movie"))

    async def series(self, run: Run) -> None:
        await self._handover.take(run, "series", "series", ("series",), self._panel.unread("series"))

    async def guide(self, run: Run) -> None:
        pieces = self._panel.guide()
        await self._handover.take(run, "guide", "guide", ("programmes",), pieces, wanted=run.wanted)

    async def matching(self, run: Run) -> None:
        await self._handover.matched(run, "matching")

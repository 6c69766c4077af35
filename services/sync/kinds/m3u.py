"""`m3u`: everything a list holds: channels, films, episodes and the series of those, and its guide."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import HandoverClient, ProviderAccess, ProviderState, RowKind
from libs.common.tasks import Tasks
from services.sync.kinds.base import Report, Scope
from services.sync.kinds.handing import Handover
from services.sync.kinds.parts import Part, Parts, having_guide
from services.sync.kinds.tries import Run
from services.sync.model import JobRun
from services.sync.sources.providers import ProviderSource

WEIGHTS: Final[Mapping[str, int]] = MappingProxyType({"list": 70, "guide": 20, "matching": 9, "finish": 1})
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"list": "The list", "guide": "Guide", "matching": "Titles"}
)
MOST_GUIDES: Final = 8
"""Of one list; lists put together of many name as many."""
KINDS: Final[tuple[RowKind, ...]] = ("channels", "movies", "series", "episodes")


class SyncList:
    """`incremental` sends what has changed, `full` everything."""

    name = "m3u"
    scope: Scope = "provider"

    def __init__(self, source: ProviderSource, handover: HandoverClient, clock: Clock, tasks: Tasks) -> None:
        self._source = source
        self._handover = Handover(handover, clock, tasks)
        self._clock = clock

    async def check(self) -> None:
        """It may always be started."""

    async def run(self, job: JobRun, report: Report) -> None:
        run = Run(job, report, self._clock, WEIGHTS)
        await Parts(self._handover, NAMES).run(run, self._parts)

    def _parts(self, access: ProviderAccess) -> list[Part]:
        syncing = _Syncing(self._handover, self._source, access)
        return [
            ("list", syncing.list),
            ("guide", having_guide(syncing.guide)),
            ("matching", syncing.matching),
        ]


class _Syncing:
    def __init__(self, handover: Handover, source: ProviderSource, access: ProviderAccess) -> None:
        self._handover = handover
        self._source = source
        self._access = access
        self._guides: tuple[str, ...] = ()

    async def list(self, run: Run) -> None:
        pieces = self._source.document(self._access, self._access.url)
        reader = await self._handover.take(run, "list", self._handover.listed(run, "list", KINDS, pieces))
        run.wanted, self._guides = reader.wanted, reader.tally.guides
        await self._handover.state(run, ProviderState(status="active"))

    async def guide(self, run: Run) -> None:
        """The one that the account names, else those that the list names."""
        own = self._access.guide_url
        urls = (own,) if own else self._guides[:MOST_GUIDES]
        if urls:
            documents = [self._source.document(self._access, url) for url in urls]
            await self._handover.take_guides(run, "guide", documents, wanted=run.wanted)

    async def matching(self, run: Run) -> None:
        await self._handover.matched(run, "matching")

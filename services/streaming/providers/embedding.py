"""What all embed sites have together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.embeds import EmbedSites, EmbedsPage, EmbedTitles, EmbedView
from libs.common.deadline import Deadline
from libs.common.fanout import Failed, Ready, gather_within
from libs.common.identity import Identity
from libs.common.resilience import Upstreams
from libs.common.tasks import Tasks
from services.streaming.providers.base import Video
from services.streaming.providers.embeds import EmbedSite

NOT_YET: Final = "It has not answered yet."


class Embedding:
    """Any number of sites, none unless the operator set one."""

    def __init__(
        self, sites: Sequence[EmbedSite], upstreams: Upstreams, *, tasks: Tasks, deadline_s: float
    ) -> None:
        self._sites = sites
        self._upstreams = upstreams
        self._tasks = tasks
        self._deadline_s = deadline_s

    async def of(
        self, identity: Identity, video: Video, start_s: int | None, *, deadline: Deadline
    ) -> EmbedsPage:
        deadline = deadline.sooner(self._deadline_s)
        outcomes = await gather_within(
            {site.id: partial(self._ask, site, identity, video, start_s, deadline) for site in self._sites},
            deadline=deadline,
            tasks=self._tasks,
        )
        items: list[EmbedView] = []
        problems: list[SourceProblem] = []
        for site in self._sites:
            outcome = outcomes[site.id]
            if isinstance(outcome, Ready):
                items += outcome.value
            elif isinstance(outcome, Failed):
                problems.append(SourceProblem(site.id, site.name, outcome.reason, outcome.detail))
            else:
                problems.append(SourceProblem(site.id, site.name, "timed_out", NOT_YET))
        return EmbedsPage(items=tuple(items), problems=tuple(problems))

    async def search(self, identity: Identity, words: str, *, deadline: Deadline) -> EmbedTitles:
        """All have what TMDB has, so one of them is asked. Raises HeadgateError, Conflict where there is no
        key to ask TMDB with."""
        problems = tuple(
            SourceProblem(site.id, site.name, down.code, str(down))
            for site in self._sites
            if (down := site.down()) is not None
        )
        there = [site for site in self._sites if site.down() is None]
        if not there:
            return EmbedTitles((), problems)
        found = await there[0].search(identity, words, deadline=deadline)
        ids = tuple(site.id for site in there)
        return EmbedTitles(tuple(msgspec.structs.replace(one, provider_ids=ids) for one in found), problems)

    def sites(self) -> EmbedSites:
        return EmbedSites(tuple(site.status() for site in self._sites))

    async def check(self) -> None:
        for site in self._sites:
            await site.check()

    async def _ask(
        self, site: EmbedSite, identity: Identity, video: Video, start_s: int | None, deadline: Deadline
    ) -> Sequence[EmbedView]:
        async def asked(until: Deadline) -> Sequence[EmbedView]:
            return await site.embeds(identity, video, start_s, deadline=until)

        return await self._upstreams.get(site.id).call(asked, deadline=deadline)

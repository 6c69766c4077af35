"""Streams and subtitles out of many addons: whole when all answer, marked partial when some don't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial, reduce

from libs.addons.answers import Answers, Kept, bounding
from libs.addons.errors import AddonTimedOut
from libs.addons.failures import missing
from libs.addons.freshness import Freshness, worst
from libs.addons.items import Item
from libs.common.contracts.catalog import CacheState, SourceProblem
from libs.common.deadline import Deadline
from libs.common.fanout import Outcome, Ready, gather_within
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.listing import Listing
from services.streaming.model import (
    FAILED,
    LATE,
    NOTHING_TO_ASK,
    Addon,
    Offer,
    ranked,
    with_streams,
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything offered, best first, and who is missing.

    `freshness` None means: nobody answered, so that nothing at all may be kept. `addons` counts those asked.
    """

    offers: tuple[Offer, ...]
    problems: tuple[SourceProblem, ...]
    freshness: Freshness | None
    state: CacheState
    addons: int


class Aggregate:
    """Asks every addon that declares the resource for the type and id, all at once."""

    def __init__(self, listing: Listing, answers: Answers, *, tasks: Tasks, deadline_s: float) -> None:
        self._listing = listing
        self._answers = answers
        self._tasks = tasks
        self._deadline_s = deadline_s

    async def gather(self, identity: Identity, path: ResourcePath, *, deadline: Deadline) -> Gathered:
        """Leaves when all have answered or the deadline is reached; late answers still fill the cache."""
        deadline = deadline.sooner(self._deadline_s)
        addons = await self._listing.of(identity, deadline=deadline)
        asked = [addon for addon in addons if addon.manifest.supports(path.resource, path.type, path.id)]
        outcomes = await gather_within(
            {addon.id: partial(self._answers.ask, addon, path, deadline=deadline) for addon in asked},
            deadline=deadline,
            tasks=self._tasks,
        )
        return _gathered(path.resource, asked, outcomes)


def _gathered(resource: str, asked: list[Addon], outcomes: Mapping[str, Outcome[Kept]]) -> Gathered:
    lists: list[tuple[Addon, tuple[Item, ...]]] = []
    answered: list[Kept] = []
    problems: list[SourceProblem] = []
    for addon in asked:
        outcome = outcomes[addon.id]
        if isinstance(outcome, Ready):
            lists.append((addon, outcome.value.items))
            answered.append(outcome.value)
        else:
            lists.append((addon, ()))
            problems.append(missing(addon, outcome))
    offers = ranked(lists)
    return Gathered(
        offers=with_streams(offers) if resource == "stream" else offers,
        problems=tuple(problems),
        freshness=_freshness(answered, problems) if answered or not asked else None,
        state=worst((kept.state for kept in answered), partial=bool(problems)),
        addons=len(asked),
    )


def _freshness(answered: list[Kept], problems: list[SourceProblem]) -> Freshness:
    """The least of what has something, and brief for whoever is missing."""
    parts = [kept.freshness for kept in bounding(answered)]
    parts += [LATE if problem.reason == AddonTimedOut.code else FAILED for problem in problems]
    return reduce(Freshness.least, parts) if parts else NOTHING_TO_ASK

"""Streams and subtitles out of many providers: whole when all answer, marked partial when some don't."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Final

from libs.addons.answers import Answers, Kept, bounding
from libs.addons.errors import AddonTimedOut
from libs.addons.failures import missing
from libs.addons.freshness import Freshness, worst
from libs.addons.items import Item
from libs.common.contracts.catalog import CacheState, SourceProblem
from libs.common.contracts.source_settings import SourceSettings
from libs.common.deadline import Deadline
from libs.common.fanout import Outcome, Ready, gather_within
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from libs.protocols.stremio.objects import Stream
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.listing import Listing
from services.streaming.model import (
    FAILED,
    LATE,
    NOTHING_TO_ASK,
    Addon,
    Offer,
    each_once,
)
from services.streaming.preferences import Preferences
from services.streaming.providers.own import STREAM, OwnProviders
from services.streaming.ranking.ids import source_id
from services.streaming.ranking.places import ANY_PLAYER, Player
from services.streaming.ranking.question import ask
from services.streaming.ranking.rank import Ranked, Ranking, read_ahead
from services.streaming.ranking.understanding import understood
from services.streaming.starts import Starts
from services.streaming.starts_model import StartTimes
from services.streaming.titles import Titles

Calls = dict[str, Callable[[], Awaitable[Kept]]]

TURNS: Final = 3
"""Of the event loop, after which requests to addons are on their way."""
READ_AT_ONCE: Final = 50
"""Sources of one addon, about two milliseconds of them: what else the hub does comes in between."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything offered, best first, and who is missing.

    `freshness` None means: nobody answered, so that nothing at all may be kept. `addons` counts the addons
    asked. `ranked` says of streams why they stand where they do, who else has them, and what was left out.
    """

    offers: tuple[Offer, ...]
    problems: tuple[SourceProblem, ...]
    freshness: Freshness | None
    state: CacheState
    addons: int
    ranked: Ranked | None = None


class Aggregate:
    """Asks every provider that may know the video, all at once: addons that declare the resource for the type
    and id, and the hub's own."""

    def __init__(
        self,
        listing: Listing,
        answers: Answers,
        own: OwnProviders,
        *,
        ranking: Ranking,
        preferences: Preferences,
        titles: Titles,
        starts: Starts,
        tasks: Tasks,
        deadline_s: float,
    ) -> None:
        self._listing = listing
        self._ranking = ranking
        self._preferences = preferences
        self._titles = titles
        self._starts = starts
        self._answers = answers
        self._own = own
        self._tasks = tasks
        self._deadline_s = deadline_s

    async def gather(
        self, identity: Identity, path: ResourcePath, *, deadline: Deadline, player: Player = ANY_PLAYER
    ) -> Gathered:
        """Leaves when all have answered or the deadline is reached; late answers still fill the cache."""
        deadline = deadline.sooner(self._deadline_s)
        ordered, calls = await self._calls(identity, path, deadline)
        if path.resource != STREAM:
            outcomes = await gather_within(calls, deadline=deadline, tasks=self._tasks)
            lists, gathered = _gathered(ordered, outcomes)
            return replace(gathered, offers=each_once(lists))
        outcomes, (settings, starts) = await asyncio.gather(
            gather_within(calls, deadline=deadline, tasks=self._tasks), self._known(identity, path)
        )
        lists, gathered = _gathered(ordered, outcomes)
        called = self._titles.called(identity, path)
        question = ask(path.type, path.id, called.names, called.year)
        ranked = self._ranking.rank(lists, question, settings, player, starts)
        return replace(gathered, offers=tuple(entry.offer for entry in ranked.entries), ranked=ranked)

    async def find(
        self, identity: Identity, path: ResourcePath, id_: str, *, deadline: Deadline
    ) -> tuple[Addon, Stream] | None:
        """The source of that id, of whoever is first to say it; nobody is waited for any longer then."""
        deadline = deadline.sooner(self._deadline_s)
        asked, calls = await self._calls(identity, path, deadline)
        found: list[tuple[Addon, Stream]] = []

        async def look(addon: Addon) -> None:
            kept = await calls[addon.id]()
            named = (item for item in kept.items if source_id(item.identity) == id_)
            sources = (understood(item.raw, addon.name) for item in named)
            found.extend((addon, source.stream) for source in sources if source is not None)

        await gather_within(
            {addon.id: partial(look, addon) for addon in asked},
            deadline=deadline,
            tasks=self._tasks,
            enough=lambda _: bool(found),
        )
        return found[0] if found else None

    async def _calls(
        self, identity: Identity, path: ResourcePath, deadline: Deadline
    ) -> tuple[Sequence[Addon], Calls]:
        """Who may know the video, in the order that counts, and what asks them."""
        addons = await self._listing.of(identity, deadline=deadline)
        asked = [addon for addon in addons if addon.manifest.supports(path.resource, path.type, path.id)]
        before, after = self._own.asked(identity, path)
        # Whatever comes first in the answer: asking ten of them takes milliseconds, which those that answer
        # last add to the whole. Addons are further away than anything of the hub's own.
        calls: Calls = {
            addon.id: partial(self._ask, addon, path, deadline=deadline)
            for addon in sorted(asked, key=_latency_ms, reverse=True)
        }
        calls |= {own.addon.id: partial(own.ask, deadline) for own in (*before, *after)}
        return (*(own.addon for own in before), *asked, *(own.addon for own in after)), calls

    async def _known(self, identity: Identity, path: ResourcePath) -> tuple[SourceSettings, StartTimes]:
        """What ranking needs beside what addons say, which is near: their requests leave first."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self._titles.look_up(identity, path)
        return await asyncio.gather(self._preferences.for_list(identity), self._starts.of(identity))

    async def _ask(self, addon: Addon, path: ResourcePath, *, deadline: Deadline) -> Kept:
        """Streams are read while others are still being waited for."""
        kept = await self._answers.ask(addon, path, deadline=deadline)
        if path.resource == STREAM:
            for at in range(0, len(kept.items), READ_AT_ONCE):
                if at:
                    await asyncio.sleep(0)
                read_ahead(kept.items[at : at + READ_AT_ONCE], addon.name)
        return kept


def _latency_ms(addon: Addon) -> float:
    """Of one that nobody knows it may be any."""
    latency_ms = addon.health.latency_ms
    return math.inf if latency_ms is None else latency_ms


def _gathered(
    asked: Sequence[Addon], outcomes: Mapping[str, Outcome[Kept]]
) -> tuple[list[tuple[Addon, tuple[Item, ...]]], Gathered]:
    """Who offers what; and what there is to say of the whole, to which the offers are still to be put."""
    lists: list[tuple[Addon, tuple[Item, ...]]] = []
    answered: list[Kept] = []
    problems: list[SourceProblem] = []
    for addon in asked:
        outcome = outcomes[addon.id]
        if isinstance(outcome, Ready):
            lists.append((addon, outcome.value.items))
            # That one of the hub's own has nothing says nothing about how long the answer holds.
            answered += [outcome.value] if outcome.value.items or not addon.is_own else []
        else:
            lists.append((addon, ()))
            problems.append(missing(addon, outcome))
    addons = sum(not addon.is_own for addon in asked)
    return lists, Gathered(
        offers=(),
        problems=tuple(problems),
        freshness=_freshness(answered, problems) if answered or not (addons or problems) else None,
        state=worst((kept.state for kept in answered), partial=bool(problems)),
        addons=addons,
    )


def _freshness(answered: list[Kept], problems: list[SourceProblem]) -> Freshness:
    """The least of what has something, and brief for whoever is missing."""
    parts = [kept.freshness for kept in bounding(answered)]
    parts += [LATE if problem.reason == AddonTimedOut.code else FAILED for problem in problems]
    return reduce(Freshness.least, parts) if parts else NOTHING_TO_ASK

"""Titles whole: what addons say of them, with what they lack filled in from TMDB for whoever has a key."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from libs.addons.freshness import worst
from libs.common.contracts.catalog import SourceProblem
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, UpstreamFailed, UpstreamTimedOut
from libs.common.metrics import Metrics
from services.catalog.aggregate import Aggregator, Title, Told
from services.catalog.errors import TitleNotFound
from services.catalog.identity.entry import read_entry
from services.catalog.listing import Listing
from services.catalog.metadata.complete import SERIES, completed, described, is_whole, lacks_episodes
from services.catalog.metadata.failures import TMDB, TMDB_NAME
from services.catalog.metadata.known import Knowledge, Known
from services.catalog.metadata.model import Question, Tmdb, asked_by, question_of
from services.catalog.metadata.named import name_and_year
from services.catalog.model import BRIEF

ADDONS, ADDONS_NAME = "addons", "Your addons"
"""What stands for all of them where none could say anything."""

SYSTEMS: Final = ("imdb", "tmdb", "tvdb")
OUTCOMES: Final = ("completed", "described", "stale", "nothing", "missing")


class CompletedAnswers:
    """Fails open: without TMDB a title is as its addon gave it, and says that TMDB is missing."""

    def __init__(
        self, aggregator: Aggregator, knowledge: Knowledge, *, wait_s: float, metrics: Metrics
    ) -> None:
        self._aggregator = aggregator
        self._knowledge = knowledge
        self._wait_s = wait_s
        counter = metrics.counter(
            "tmdb_titles", "Titles that TMDB was to complete, by outcome.", ("outcome",)
        )
        self._count = {outcome: counter.labels(outcome).inc for outcome in OUTCOMES}

    async def title(self, listing: Listing, type_: str, id_: str, *, deadline: Deadline) -> Title:
        """Raises what the addons' answer raises where TMDB has nothing to put in its place."""
        try:
            title = await self._aggregator.title(listing.enabled, type_, id_, deadline=deadline)
        except (TitleNotFound, UpstreamFailed, UpstreamTimedOut) as error:
            alone = await self._alone(listing.tmdb, type_, id_, error, deadline)
            if alone is None:
                raise
            return alone
        tmdb = listing.tmdb
        if not tmdb.asks or (not tmdb.choice.language and is_whole(title.meta)):
            return title
        question = _question(title.meta, type_, id_, tmdb.choice.language)
        if question is None:
            return title
        question = replace(question, episodes=lacks_episodes(title.meta))
        return await self._completed(title, tmdb, question, deadline)

    async def _completed(self, title: Title, tmdb: Tmdb, question: Question, deadline: Deadline) -> Title:
        try:
            known = await self._ask(tmdb, question, deadline)
        except HeadgateError as error:
            self._count["missing"]()
            problem = SourceProblem(TMDB, TMDB_NAME, error.code, str(error))
            return replace(title, told=_lacking(title.told, problem))
        if known is None or known.facts is None:
            self._count["nothing"]()
            return title
        self._count["stale" if known.state == "stale" else "completed"]()
        meta = completed(title.meta, known.facts, tmdb.choice)
        told = replace(
            title.told,
            freshness=title.told.freshness.least(known.freshness),
            state=worst((title.told.state, known.state), partial=bool(title.told.problems)),
        )
        return replace(title, meta=meta, told=told, from_tmdb=meta is not title.meta)

    async def _alone(
        self, tmdb: Tmdb, type_: str, id_: str, error: HeadgateError, deadline: Deadline
    ) -> Title | None:
        """The title as TMDB has it, where no addon tells. What addons could not say is asked again soon."""
        question = question_of(type_, id_, tmdb.choice.language)
        try:
            known = None
            if question is not None:
                question = replace(question, episodes=type_ == SERIES)
                known = await self._ask(tmdb, question, deadline)
        except HeadgateError:
            return None
        if known is None or known.facts is None:
            return None
        self._count["described"]()
        told = Told(freshness=known.freshness, state=known.state)
        if not isinstance(error, TitleNotFound):
            told = _lacking(told, SourceProblem(ADDONS, ADDONS_NAME, error.code, str(error)))
        meta = described(known.facts, type_, id_, tmdb.choice)
        return Title(meta=meta, addon=None, told=told, from_tmdb=True)

    async def _ask(self, tmdb: Tmdb, question: Question, deadline: Deadline) -> Known | None:
        """None without a key. What TMDB has been asked before is there even if no time is left."""
        if tmdb.held is None or not tmdb.asks:
            return None
        return await self._knowledge.of(tmdb.held, question, deadline=deadline.sooner(self._wait_s))


def _question(meta: bytes, type_: str, id_: str, language: str) -> Question | None:
    """By the id asked for, else by another that the meta names, else by its name and year."""
    asked = question_of(type_, id_, language)
    if asked is not None:
        return asked
    try:
        entry = read_entry(meta)
    except msgspec.ValidationError:
        return None
    for system in SYSTEMS:
        number = entry.ids.get(system)
        if number is not None and (asked := asked_by(type_, system, number, language)) is not None:
            return asked
    return asked_by(type_, "name", name_and_year(entry), language)


def _lacking(told: Told, problem: SourceProblem) -> Told:
    return replace(
        told,
        freshness=told.freshness.least(BRIEF),
        state="partial",
        problems=(*told.problems, problem),
    )

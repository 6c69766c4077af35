"""Films and series matched some at a time: while a sync runs, when the library rests, after each import."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from libs.common.contracts.handover import StepDone
from libs.common.db import Database
from services.catalog.errors import ProviderNotFound, RunEnded
from services.catalog.library_model import Provider
from services.catalog.matching.decide import Decision, Said, decide, is_sure
from services.catalog.matching.question import Question, question
from services.catalog.matching.score import Offer, near_offers, offers
from services.catalog.store.imdb_names import HEAD, ImdbNameStore, Known
from services.catalog.store.library.matches import MATCHED_KINDS, MatchRow, MatchStore, Write
from services.catalog.store.library.providers import ProviderStore, RunLost, hold
from services.catalog.store.match_choices import About, MatchChoiceStore

STEP_ROWS: Final = 1000
ASKED_AT_ONCE: Final = 250
"""Rows of one question to the database, which then takes milliseconds."""
AGREE: Final = 3
"""How many times more rows have to say that an id of TMDB is one title than that it is another."""

Decided: TypeAlias = tuple[MatchRow, Question, Decision]


class Matching:
    """Decides about rows, and writes what differs."""

    def __init__(
        self,
        database: Database,
        matches: MatchStore,
        names: ImdbNameStore,
        choices: MatchChoiceStore,
        providers: ProviderStore,
    ) -> None:
        self._db = database
        self._providers = providers
        self._matches = matches
        self._names = names
        self._choices = choices

    async def step_of(self, provider_id: str, run: str) -> StepDone:
        """A step of a run. Raises ProviderNotFound, RunEnded."""
        provider = await self._providers.get(provider_id)
        if provider is None:
            raise ProviderNotFound("There is no such account.")
        try:
            if provider.run != run:
                raise RunLost
            return await self.step(provider, run)
        except RunLost:
            raise RunEnded("Another run of this account has begun, or this one is over.") from None

    async def step(self, provider: Provider, run: str, *, limit: int = STEP_ROWS) -> StepDone:
        """Look for some rows that are open. Raises RunLost."""
        rows = await self._matches.open(provider.number, limit=limit)
        await self.decide_on(provider, run, rows)
        return StepDone(done=len(rows), left=await self._matches.left(provider.number))

    async def decide_on(self, provider: Provider, run: str, rows: Sequence[MatchRow]) -> None:
        """Raises RunLost; what was written before stays."""
        chosen = await self._choices.all_of(provider.owner) if rows else {}
        for start in range(0, len(rows), ASKED_AT_ONCE):
            batch = rows[start : start + ASKED_AT_ONCE]
            await self._write(provider, run, await self._decided(provider, batch, chosen))

    async def offers(self, kind: int, asked: Sequence[Question]) -> list[list[Offer]]:
        """What may be meant by each, best first. All are of `kind`."""
        same = await self._names.same(kind, {key for one in asked for key in one.keys})
        found = await asyncio.to_thread(_offers, asked, same)
        missed = [one for one, offered in zip(asked, found, strict=True) if not offered]
        around = await self._names.near(kind, {place for one in missed for place in one.places()})
        near = iter(await asyncio.to_thread(_near_offers, missed, around))
        return [offered or next(near) for offered in found]

    async def named(self, asked: Sequence[Question]) -> list[int | None]:
        """The titles that those names mean, of which nothing else is known; None where it is not sure."""
        found: list[int | None] = [None] * len(asked)
        for kind in MATCHED_KINDS:
            places = [place for place, one in enumerate(asked) if one.kind == kind]
            offered = await self.offers(kind, [asked[place] for place in places])
            for place, offers_ in zip(places, offered, strict=True):
                found[place] = decide(asked[place], offers_, Said(is_last=True)).imdb
        return found

    async def called(self, imdb: int) -> tuple[tuple[str, ...], int | None]:
        """The names of a title of IMDb and its year."""
        return await self._names.called(imdb)

    async def _decided(
        self, provider: Provider, rows: Sequence[MatchRow], chosen: Mapping[About, int | None]
    ) -> list[Decided]:
        decided = list[Decided]()
        asked = await asyncio.to_thread(_questions, rows)
        for kind in MATCHED_KINDS:
            of_kind = [(row, question) for row, question in asked if row.kind == kind]
            found = await self.offers(kind, [question for _, question in of_kind])
            said = await self._said(provider, kind, of_kind, chosen)
            decided += await asyncio.to_thread(_decide_all, of_kind, found, said)
        return decided

    async def _said(
        self,
        provider: Provider,
        kind: int,
        asked: Sequence[tuple[MatchRow, Question]],
        chosen: Mapping[About, int | None],
    ) -> list[Said]:
        tmdb = Counter(question.tmdb for _, question in asked if question.tmdb is not None)
        learned = await self._matches.bridges(provider.number, kind, tmdb) if tmdb else {}
        bridged = {id_: found[0][0] for id_, found in learned.items() if _agree(found, tmdb[id_])}
        named = set(bridged.values()) | {one.imdb for _, one in asked if one.imdb is not None}
        facts = await self._names.facts(named) if named else {}
        return [
            Said(
                chosen=_chosen(provider, row, question, chosen),
                tmdb=None if question.tmdb is None else bridged.get(question.tmdb),
                facts=facts,
                is_last=row.rule != "",
            )
            for row, question in asked
        ]

    async def _write(self, provider: Provider, run: str, decided: Sequence[Decided]) -> None:
        differing = [one for one in decided if _write_of(*one)[1:] != _as_held(one[0])]
        if not differing:
            return
        told = Counter(
            (row.kind, row.tmdb, decision.imdb)
            for row, _, decision in differing
            if row.tmdb is not None and decision.imdb is not None and is_sure(decision)
        )
        async with self._db.transaction() as tx:
            await hold(tx, provider.number, run)
            await self._matches.put(tx, [_write_of(*one) for one in differing])
            await self._matches.teach(tx, provider.number, told)


def _write_of(row: MatchRow, question: Question, decision: Decision) -> Write:
    year = years_of(row, question)[0] if decision.rule == "chosen" else row.year
    return Write(row, question.key, year, *decision)


def _as_held(row: MatchRow) -> tuple[object, ...]:
    return row.key, row.key_year, row.match_imdb, row.rule, row.score


def _offers(asked: Sequence[Question], same: Sequence[Known]) -> list[list[Offer]]:
    called: defaultdict[str, list[Known]] = defaultdict(list)
    for known in same:
        called[known.key].append(known)
    return [offers(one, called) for one in asked]


def _near_offers(asked: Sequence[Question], around: Sequence[Known]) -> list[list[Offer]]:
    by_place: defaultdict[tuple[int, str], list[Known]] = defaultdict(list)
    for known in around:
        by_place[known.year, known.key[:HEAD]].append(known)
    return [
        near_offers(one, (known for place in one.places() for known in by_place.get(place, ())))
        for one in asked
    ]


def _questions(rows: Sequence[MatchRow]) -> list[tuple[MatchRow, Question]]:
    return [(row, question_of(row)) for row in rows]


def question_of(row: MatchRow) -> Question:
    return question(
        kind=row.kind,
        title=row.title,
        original=row.original,
        year=row.year,
        imdb=row.imdb,
        tmdb=row.tmdb,
    )


def _decide_all(
    asked: Sequence[tuple[MatchRow, Question]], found: Sequence[list[Offer]], said: Sequence[Said]
) -> list[Decided]:
    return [
        (row, question, decide(question, offered, known))
        for (row, question), offered, known in zip(asked, found, said, strict=True)
    ]


def _agree(found: Sequence[tuple[int, int]], askers: int) -> bool:
    """One row with a wrong id must not speak for many that are something else."""
    (_, most), *others = found
    return all(most >= AGREE * items for _, items in others) and AGREE * most >= askers


def _chosen(
    provider: Provider, row: MatchRow, question: Question, chosen: Mapping[About, int | None]
) -> Decision | None:
    """What was decided about this very row counts while it is called as it was then."""
    for item in (item_of(provider, row.panel_id), ""):
        for year in years_of(row, question):
            about = About(row.kind, question.key, year or 0, item)
            if about in chosen and (item or question.key):
                return Decision(chosen[about], "chosen", 100)
    return None


def years_of(row: MatchRow, question: Question) -> tuple[int | None, int | None]:
    """The year a decision is kept by, and the row's. They differ where the year became known later."""
    return row.key_year if row.key == question.key else row.year, row.year


def item_of(provider: Provider, panel_id: int) -> str:
    """What stands for one row in decisions: the provider's own number."""
    return f"{provider.id}/{panel_id}"

"""What people see of matches, and decide about them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.library import (
    Candidate,
    ItemView,
    MatchChoice,
    MatchPage,
    MatchQuery,
    MatchState,
    MatchView,
)
from libs.common.db import Database
from libs.common.errors import InvalidInput
from libs.protocols.imdb.ids import title_id
from services.catalog.errors import ItemNotFound, TooManyMatchChoices
from services.catalog.library.browse import Browse
from services.catalog.library.cursor import question_of as named_question
from services.catalog.library_model import (
    KINDS,
    LARGEST_ID,
    RULES_OF,
    MatchRule,
    Provider,
    number_of,
    public_id,
)
from services.catalog.matching.question import Question
from services.catalog.matching.run import Matching, item_of, question_of, years_of
from services.catalog.matching.score import Offer
from services.catalog.matching.sentences import SENTENCES, offered_for
from services.catalog.model import Owner
from services.catalog.store.imdb_names import Facts, ImdbNameStore
from services.catalog.store.library.matches import MatchRow, MatchStore, Place
from services.catalog.store.library.providers import RunLost
from services.catalog.store.match_choices import About, MatchChoiceStore
from services.catalog.store.match_choices import TooManyMatchChoices as Full

MOST_CHOICES: Final = 10_000
MOST_CANDIDATES: Final = 8
_STATES: Final[Mapping[MatchRule, MatchState]] = {
    rule: state for state, rules in RULES_OF.items() for rule in rules
}


class Reviews:
    """Lists matches by their state, and puts down what owners say about them."""

    def __init__(
        self,
        database: Database,
        browse: Browse,
        matching: Matching,
        *,
        matches: MatchStore,
        names: ImdbNameStore,
        choices: MatchChoiceStore,
        clock: Clock,
    ) -> None:
        self._db = database
        self._browse = browse
        self._matching = matching
        self._matches = matches
        self._names = names
        self._choices = choices
        self._clock = clock

    async def page(self, owner: Owner, query: MatchQuery) -> MatchPage:
        """By account, then by why, then by title. Raises InvalidInput for another list's cursor."""
        providers = await self._browse.providers(owner, query.account)
        question = named_question(query.state, query.kind, query.account)
        after = None if not query.cursor else _read(query.cursor, question)
        found = list[_Cursor]()
        for provider in providers:
            for rule in range(len(RULES_OF[query.state])):
                shelf = _Cursor(question, provider.number, rule, "", 0)
                found += await self._listed(query, shelf, after, limit=query.limit + 1 - len(found))
        shown = found[: query.limit]
        rows = await self._matches.rows(each.id for each in shown)
        return MatchPage(
            items=await self._views(owner, providers, _in_order(rows, [each.id for each in shown])),
            next_cursor=_written(shown[-1]) if len(found) > len(shown) else None,
        )

    async def choose(self, owner: Owner, public: str, choice: MatchChoice) -> MatchView:
        """Raises ItemNotFound, TooManyMatchChoices."""
        row = await self._owned(owner, public)
        imdb = None if choice.imdb_id is None else int(choice.imdb_id[2:])
        provider, about = await self._about(owner, row)
        meant = about if choice.only_this or not about.key else about._replace(item="")
        called = await self._called(owner, row, about) if not meant.item else [row]
        at = epoch_ms(self._clock)
        try:
            async with self._db.transaction() as tx:
                # What was said about this row alone would go on counting before what is said now.
                await self._choices.take_back(tx, owner, about, only_this=True)
                await self._choices.choose(tx, owner, meant, imdb, at=at, at_most=MOST_CHOICES)
                await self._matches.open_again(tx, [each.id for each in called])
        except Full:
            raise TooManyMatchChoices(
                f"A profile holds at most {MOST_CHOICES:,} decisions; take one back first."
            ) from None
        return await self._decided(owner, provider, row, called)

    async def take_back(self, owner: Owner, public: str) -> MatchView:
        """What was decided about the row and about its name. Raises ItemNotFound."""
        row = await self._owned(owner, public)
        provider, about = await self._about(owner, row)
        called = await self._called(owner, row, about)
        async with self._db.transaction() as tx:
            for year in {about.year, row.year or 0}:
                await self._choices.take_back(tx, owner, about._replace(year=year))
            await self._matches.open_again(tx, [each.id for each in called])
        return await self._decided(owner, provider, row, called)

    async def _listed(
        self, query: MatchQuery, shelf: _Cursor, after: _Cursor | None, *, limit: int
    ) -> list[_Cursor]:
        """From one account and for one reason; nothing from before the cursor's."""
        here = (shelf.provider, shelf.rule)
        there = None if after is None else (after.provider, after.rule)
        if limit <= 0 or (there is not None and here < there):
            return []
        found = await self._matches.listed(
            shelf.provider,
            KINDS[query.kind],
            RULES_OF[query.state][shelf.rule],
            after=Place(after.sort, after.id) if after is not None and here == there else None,
            limit=limit,
        )
        return [msgspec.structs.replace(shelf, sort=place.sort, id=place.id) for place in found]

    async def _owned(self, owner: Owner, public: str) -> MatchRow:
        number = number_of(public)
        row = None if number is None else await self._matches.owned(owner, number)
        if row is None:
            raise ItemNotFound
        return row

    async def _about(self, owner: Owner, row: MatchRow) -> tuple[Provider, About]:
        """Whose row it is, and what a decision about it alone is kept by."""
        for provider in await self._browse.providers(owner):
            if provider.number == row.provider:
                asked = question_of(row)
                year = years_of(row, asked)[0] or 0
                return provider, About(row.kind, asked.key, year, item_of(provider, row.panel_id))
        raise ItemNotFound

    async def _called(self, owner: Owner, row: MatchRow, about: About) -> list[MatchRow]:
        """The row, and the owner's others of its name and year."""
        called = await self._matches.called(owner, kind=row.kind, key=about.key, year=about.year)
        return [row, *(each for each in called if each.id != row.id)]

    async def _decided(
        self, owner: Owner, provider: Provider, row: MatchRow, called: Sequence[MatchRow]
    ) -> MatchView:
        """The row as it is now. Rows of an account that is being synced may be decided a little later."""
        providers = await self._browse.providers(owner)
        rows = await self._matches.rows(each.id for each in called)
        for each in providers:
            with suppress(RunLost):
                theirs = [one for one in rows if one.provider == each.number]
                await self._matching.decide_on(each, each.run, theirs)
        shown = await self._views(owner, [provider], await self._matches.rows([row.id]))
        if not shown:
            raise ItemNotFound
        return shown[0]

    async def _views(
        self, owner: Owner, providers: Sequence[Provider], rows: Sequence[MatchRow]
    ) -> tuple[MatchView, ...]:
        items = await self._browse.views(owner, providers, [row.id for row in rows])
        views = {item.id: item for item in items}
        offered = await self._offered(rows)
        facts = await self._names.facts({offer.imdb for _, offers in offered.values() for offer in offers})
        return tuple(
            _view(row, views[public_id(row.id)], *offered[row.id], facts)
            for row in rows
            if public_id(row.id) in views
        )

    async def _offered(self, rows: Sequence[MatchRow]) -> dict[int, tuple[Question, list[Offer]]]:
        """What may be meant by each; where nothing is, what would be if its year were wrong."""
        found = dict[int, tuple[Question, list[Offer]]]()
        for kind in sorted({row.kind for row in rows}):
            asked = [(row.id, question_of(row)) for row in rows if row.kind == kind]
            offered = await self._matching.offers(kind, [question for _, question in asked])
            undated = [question.without_year() for _, question in asked]
            others = await self._matching.offers(kind, undated)
            found |= {
                id_: (question, offers) if offers else (without, wider)
                for (id_, question), offers, without, wider in zip(
                    asked, offered, undated, others, strict=True
                )
            }
        return found


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a match stands: in which list, of which account, for which of the state's reasons."""

    question: str
    provider: int
    rule: int
    sort: str
    id: int


def _written(at: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(at)).rstrip(b"=").decode()


def _read(cursor: str, question: str) -> _Cursor:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        read = msgspec.json.decode(text, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        read = None
    if read is None or read.question != question or not 0 <= read.id <= LARGEST_ID or "\0" in read.sort:
        raise InvalidInput("This cursor belongs to another list.", fields={"cursor": "not valid"})
    return read


def _in_order(rows: Sequence[MatchRow], ids: Sequence[int]) -> list[MatchRow]:
    by_id = {row.id: row for row in rows}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def _view(
    row: MatchRow, item: ItemView, question: Question, offers: Sequence[Offer], facts: Mapping[int, Facts]
) -> MatchView:
    return MatchView(
        item=item,
        state=_STATES[row.rule],
        score=row.score,
        why=SENTENCES[row.rule],
        candidates=tuple(
            Candidate(
                imdb_id=title_id(offer.imdb),
                name=facts[offer.imdb].name,
                year=facts[offer.imdb].year,
                score=offer.hundredths,
                why=offered_for(question, offer),
            )
            for offer in offers[:MOST_CANDIDATES]
            if offer.imdb in facts
        ),
    )

"""Search over the library, as people type: short titles, other orders, one wrong letter, a word too many.

Up to three tries, each wider than the one before: what was typed, words near to it, and one word left out.
Titles that begin with what was typed are always looked for, and rank themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from libs.common.clock import Clock
from libs.common.contracts.library import FindQuery, Found, FoundProgramme, ItemKind, ItemView
from libs.common.errors import InvalidInput
from libs.titles.folding import edits, fold
from services.catalog.library.browse import Browse
from services.catalog.library.ranking import Ranked, best_of, near_words, ranked, score
from services.catalog.library.views import programme_view
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.store.library.choices import ChoiceStore
from services.catalog.store.library.guide import GuideStore, Programme
from services.catalog.store.library.providers import numbers
from services.catalog.store.library.search import Among, Candidate, Group, SearchStore

SHORT: Final = 2
"""Letters of a query that only titles are looked up by: everything has such words."""
MOST_WORDS: Final = 10
"""Of a query that are looked for; what comes after says nothing new."""
TITLES: Final = 40
CANDIDATES: Final = 300
RARE: Final = 20_000
"""Items: where even the rarest word of a query is in more, titles alone are looked up."""
RARE_ALONE: Final = 3000
"""The same of a word by itself: CANDIDATES of more would be any."""
COMMON: Final = 60_000
"""Items: words in more are left out while a rarer one is there; they count when titles are ranked. Of
beginnings RARE: all that have one are gathered before any is taken."""
AS_TYPED: Final = 5000
"""Items: a word in more is what was meant, no other's beginning, and not mistyped."""
ON_LOOP: Final = 200
"""Candidates ranked at once: more would keep others waiting for over a millisecond."""
SURE, ENOUGH = 95.0, 90.0
MANY: Final = 5
LEFT_OUT: Final = 4
PROGRAMMES: Final = 200


@dataclass(slots=True)
class _Search:
    """One search: what was typed, where, how many are wanted, and what was found so far."""

    typed: str
    words: list[str]
    among: Among
    limit: int
    counts: dict[str, int] = field(default_factory=dict)
    found: dict[int, Ranked] = field(default_factory=dict)

    async def add(self, candidates: Iterable[Candidate]) -> None:
        new = {each.id: each for each in candidates if each.id not in self.found}
        if len(new) <= ON_LOOP:
            judged = ranked(self.typed, new.values())
        else:
            judged = await asyncio.to_thread(ranked, self.typed, list(new.values()))
        self.found.update((each.candidate.id, each) for each in judged)

    @property
    def best(self) -> float:
        return max((each.score for each in self.found.values()), default=0.0)

    def group(self, place: int, *others: str) -> Group:
        return Group((self.words[place], *others), begins=self.may_go_on(place))

    def may_go_on(self, place: int) -> bool:
        return place == len(self.words) - 1 and not self.is_common(self.words[place])

    def is_common(self, word: str) -> bool:
        return self.counts.get(word, 0) > AS_TYPED

    def items_with(self, group: Group) -> int:
        """At most how many."""
        first, *others = group.words
        known = self.counts.get(f"{first}*" if group.begins else first, 0)
        return known + sum(self.counts.get(word, 0) for word in others)


class Find:
    """Finds items by their names."""

    def __init__(
        self, browse: Browse, store: SearchStore, guide: GuideStore, choices: ChoiceStore, clock: Clock
    ) -> None:
        self._browse = browse
        self._store = store
        self._guide = guide
        self._choices = choices
        self._clock = clock

    async def items(
        self, owner: Owner, text: str, kinds: Sequence[ItemKind], limit: int, *, hidden: bool = True
    ) -> tuple[ItemView, ...]:
        """Best first. `hidden` false leaves out what the profile hides, as players want it."""
        providers = await self._browse.providers(owner)
        shown_to = owner if not hidden and await self._choices.hidden(owner) else None
        ids = await self._ids(providers, text, kinds, limit, shown_to)
        return await self._browse.views(owner, providers, ids)

    async def found(self, owner: Owner, query: FindQuery) -> Found:
        """Raises InvalidInput for kinds that there are none of."""
        kinds = _kinds(query.kinds)
        providers = await self._browse.providers(owner, query.account)
        ids = await self._ids(providers, query.q, kinds, query.limit, None)
        return Found(
            items=await self._browse.views(owner, providers, ids),
            programmes=await self._programmes(owner, providers, query) if "channels" in kinds else (),
        )

    async def _ids(
        self,
        providers: Sequence[Provider],
        text: str,
        kinds: Sequence[ItemKind],
        limit: int,
        shown_to: Owner | None,
    ) -> list[int]:
        typed = fold(text)
        if not typed or not providers or not kinds:
            return []
        among = Among(numbers(providers), tuple(KINDS[kind] for kind in kinds), shown_to)
        search = _Search(typed, typed.split()[:MOST_WORDS], among, limit)
        await self._search(search)
        return [each.candidate.id for each in best_of(search.found.values(), limit)]

    async def _search(self, search: _Search) -> None:
        await search.add(await self._store.titles(search.among, search.typed, most=TITLES))
        # Nothing goes before titles that begin with what was typed.
        if len(search.typed) <= SHORT or len(search.found) >= search.limit:
            return
        search.counts = await self._store.counts(search.words, search.words[-1])
        having = await self._look_for(search, [search.group(place) for place in range(len(search.words))])
        best = search.best
        if having >= CANDIDATES or best >= SURE or (len(search.found) >= MANY and best >= ENOUGH):
            return
        groups = await self._near(search)
        if any(len(group.words) > 1 for group in groups):
            having += await self._look_for(search, groups)
        if not having and len(groups) > 1:
            # What has every word is never behind what lacks one.
            without = (groups[:place] + groups[place + 1 :] for place in range(min(len(groups), LEFT_OUT)))
            await self._look_for(search, *without)

    async def _look_for(self, search: _Search, *ways: Sequence[Group]) -> int:
        """Items with a word of every group of one of `ways`, where that tells few items from the rest; how
        many."""
        telling = [told for groups in ways if (told := _telling(search, groups))]
        if not telling:
            return 0
        found = await self._store.having(search.among, telling, most=CANDIDATES)
        await search.add(found)
        return len(found)

    async def _near(self, search: _Search) -> list[Group]:
        mistyped = {place: word for place, word in enumerate(search.words) if not search.is_common(word)}
        near = await self._store.near(
            dict.fromkeys(edit for word in mistyped.values() for edit in edits(word))
        )
        search.counts |= {each.word: each.items for each in near}
        meant = {
            place: near_words(word, near, may_go_on=search.may_go_on(place))
            for place, word in mistyped.items()
        }
        return [search.group(place, *meant.get(place, ())) for place in range(len(search.words))]

    async def _programmes(
        self, owner: Owner, providers: Sequence[Provider], query: FindQuery
    ) -> tuple[FoundProgramme, ...]:
        """The first showing of each on each channel."""
        typed = fold(query.q)
        if len(typed) <= SHORT:
            return ()
        at = int(self._clock.now().timestamp())
        found = await self._guide.titled(numbers(providers), typed, at=at, most=PROGRAMMES)
        found.sort(key=lambda each: (-score(typed, each.sort), each.start, each.channel))
        first: dict[tuple[object, str], Programme] = {}
        for each in found:
            first.setdefault((each.channel, each.sort), each)
        channels = await self._guide.channels_of([each.channel for each in first.values()])
        shown = [each for each in first.values() if each.channel in channels][: query.limit]
        views = await self._browse.channels(owner, [channels[each.channel] for each in shown])
        by_channel = {key: view for view, key in views}
        return tuple(
            FoundProgramme(channel=by_channel[each.channel], programme=programme_view(each))
            for each in shown
            if each.channel in by_channel
        )


def _telling(search: _Search, groups: Sequence[Group]) -> list[Group]:
    """Those of `groups` that items are looked for by; none where even the rarest is in too many."""
    items = {group: search.items_with(group) for group in groups}
    rarest = min(items.values())
    if not 0 < rarest <= (RARE if len(groups) > 1 else RARE_ALONE):
        return []
    return [group for group in groups if items[group] <= max(RARE if group.begins else COMMON, rarest)]


def _kinds(text: str) -> tuple[ItemKind, ...]:
    asked = dict.fromkeys(name for name in text.split(",") if name)
    known: tuple[ItemKind, ...] = get_args(ItemKind)
    if not asked or asked.keys() - set(known):
        raise InvalidInput(f"Kinds are {', '.join(known)}.", fields={"kinds": "not valid"})
    return tuple(kind for kind in known if kind in asked)

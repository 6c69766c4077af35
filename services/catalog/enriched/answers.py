"""Answers kept whole. What addons said is kept below this, without ratings: renewing one here costs no call.

Nothing here is shown stale of its own accord: over its time it is made anew of what is kept below, which is
renewed behind the asker's back. Only in place of an answer that can't be made, or not wholly, an old one
stands in; and while ratings are new, for the moment in which the new one is made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from libs.addons.answers import addon_tag
from libs.addons.freshness import freshness_of
from libs.addons.items import Item
from libs.common.cache import Cache, Entry, Lives, Loaded, Lookup, State
from libs.common.clock import Clock
from libs.common.contracts.catalog import CacheState
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, NotFound
from libs.common.tasks import Tasks
from libs.protocols.stremio.paths import Extra
from services.catalog.aggregate import RowPage, Title, Told, check_allowed, skip_of
from services.catalog.enriched.making import Making
from services.catalog.enriched.names import page_name, title_name
from services.catalog.enriched.version import RatingsVersion
from services.catalog.listing import Listing
from services.catalog.model import Owner
from services.catalog.rows.row import AnyRow

CACHE_VERSION: Final = 2
"""Of what is kept here, raised when its shape changes or it is made by other rules."""

AHEAD: Final = 0.1
"""So near its end (a share of its fresh time) an answer that is often asked for is made anew."""

HOT: Final = 3
"""Asked for so often, by gateways that each keep it for minutes, an answer is."""

NOTHING: Final = b""
"""That there is nothing is an answer, and no reason to show an old one. Who hears it asks for the words."""

Outcome: TypeAlias = State | Literal["failed"]
AnswerT = TypeVar("AnswerT", RowPage, Title)
Make = Callable[[Making, Deadline], Awaitable[AnswerT]]


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A page of a row, or a title, in which `addon` is the hash of the winner's address, empty for none.

    `age_s` and `stale_s` are as when it was made; `state` is how.
    """

    state: CacheState
    age_s: int
    stale_s: int
    kind: str = ""
    items: tuple[Item, ...] = ()
    next_skip: int | None = None
    meta: bytes = b""
    addon: str = ""
    from_tmdb: bool = False


_KEPT: Final = msgspec.msgpack.Decoder(_Kept)


class _NotKept(Exception):
    """Made for `owner` and not to be kept: it failed, lacks a part or isn't settled. Its words are theirs."""

    def __init__(self, owner: Owner, outcome: RowPage | Title | HeadgateError) -> None:
        super().__init__()
        self.owner = owner
        self.outcome = outcome


class EnrichedAnswers:
    """Pages and titles. Raises as `Making` does, when there is nothing that may stand in.

    `ahead` makes answers of what addons say now, for those that are to be there before they are asked for,
    within `ahead_s`. `rules` tells apart what other settings of the hub would make of the same.
    """

    def __init__(
        self,
        making: Making,
        ahead: Making,
        *,
        cache: Cache,
        version: RatingsVersion,
        tasks: Tasks,
        clock: Clock,
        ahead_s: float,
        rules: str,
    ) -> None:
        self._making = making
        self._making_ahead = ahead
        self._cache = cache
        self._version = version
        self._tasks = tasks
        self._clock = clock
        self._ahead_s = ahead_s
        self._rules = rules

    async def forget(self, transport_hash: str) -> None:
        """Lets go of all that was made of what the addon of that address said."""
        await self._cache.invalidate(addon_tag(transport_hash))

    async def page(
        self, row: AnyRow, extra: Extra, listing: Listing, *, texts: bool, deadline: Deadline
    ) -> RowPage:
        if row.kind != "catalog":
            return await self._making.page(row, extra, listing, texts=texts, deadline=deadline)

        async def make(making: Making, until: Deadline) -> RowPage:
            return await making.page(row, extra, listing, texts=texts, deadline=until)

        name = self._page_name(row, extra, listing, texts=texts)
        found = await self._find(name, listing.owner, make, deadline)
        return self._page(row, found) if isinstance(found, Lookup) else found

    async def title(
        self, listing: Listing, type_: str, id_: str, *, texts: bool, deadline: Deadline
    ) -> Title:
        async def make(making: Making, until: Deadline) -> Title:
            return await making.title(listing, type_, id_, texts=texts, deadline=until)

        name = title_name(listing, type_, id_, texts=texts)
        found = await self._find(name, listing.owner, make, deadline)
        return self._title(listing, found) if isinstance(found, Lookup) else found

    async def make_ahead(self, row: AnyRow, listing: Listing, *, share: float) -> Outcome:
        """The row's first page for players, made anew with no more than `share` of its time left.

        Says whether that was needed, and whether it worked.
        """

        async def make(making: Making, until: Deadline) -> RowPage:
            return await making.page(row, (), listing, texts=True, deadline=until)

        name = self._page_name(row, (), listing, texts=True)
        return await self._again(name, listing.owner, make, share)

    def _page_name(self, row: AnyRow, extra: Extra, listing: Listing, *, texts: bool) -> str:
        # What this owner's row does not take is not answered from what another owner's took.
        check_allowed(row, extra)
        return page_name(row, extra, skip_of(extra), listing, texts=texts)

    async def _find(
        self, name: str, owner: Owner, make: Make[AnswerT], deadline: Deadline
    ) -> Lookup | AnswerT:
        key = self._key(name, self._version.now)

        async def load() -> Loaded:
            return await self._load(owner, make, self._making, deadline)

        entry = self._cache.peek(key)
        if entry is not None:
            self._renew_if_hot(name, owner, make, entry)
            return Lookup(entry, "hit")
        old = await self._before(name)
        if old is not None:
            self._behind("answer_with_new_ratings", self._quietly(key, load))
            return Lookup(old, "stale")
        try:
            found = await self._cache.get_or_load(key, load)
        except _NotKept as made:
            if made.owner != owner:  # its problems name addons of somebody else's list
                return await make(self._making, deadline)
            if isinstance(made.outcome, HeadgateError):
                raise made.outcome from made
            return made.outcome  # type: ignore[return-value]  # made by this very `make`
        return await make(self._making, deadline) if found.entry.value == NOTHING else found

    async def _load(self, owner: Owner, make: Make[AnswerT], by: Making, deadline: Deadline) -> Loaded:
        try:
            made = await make(by, deadline)
        except NotFound:
            return Loaded(NOTHING, Lives(0), store=False)
        except HeadgateError as error:
            raise _NotKept(owner, error) from error
        if made.told.problems or not made.told.settled:
            raise _NotKept(owner, made)
        lives = made.told.freshness
        return Loaded(
            msgspec.msgpack.encode(_kept(made)),
            Lives(lives.max_age_s, error_s=lives.error_s),
            tags=tuple(map(addon_tag, _addresses(made))),
            spread=False,  # what it is made of was spread already
        )

    async def _before(self, name: str) -> Entry | None:
        """What it was with the ratings before these, to be shown while it is made with the new ones."""
        if self._version.before is None:
            return None
        return await self._cache.get(self._key(name, self._version.before))

    async def _quietly(self, key: str, load: Callable[[], Awaitable[Loaded]]) -> None:
        with suppress(_NotKept):  # said to those who ask for it
            await self._cache.get_or_load(key, load)

    def _behind(self, task: str, coro: Coroutine[object, object, object]) -> None:
        with suppress(RuntimeError):  # the app is closing: nothing new begins
            self._tasks.spawn(task, coro)

    def _renew_if_hot(self, name: str, owner: Owner, make: Make[AnswerT], entry: Entry) -> None:
        left_s = entry.fresh_until - self._clock.time()
        is_near_its_end = left_s <= AHEAD * (entry.fresh_until - entry.stored_at)
        if is_near_its_end and self._cache.hits(self._key(name, self._version.now)) >= HOT:
            self._behind("hot_answer", self._again(name, owner, make, AHEAD))

    async def _again(self, name: str, owner: Owner, make: Make[AnswerT], share: float) -> Outcome:
        async def load() -> Loaded:
            until = Deadline.after(self._clock, self._ahead_s)
            return await self._load(owner, make, self._making_ahead, until)

        try:
            found = await self._cache.get_ahead(self._key(name, self._version.now), load, share=share)
        except _NotKept:
            return "failed"
        return found.state

    def _key(self, name: str, version: int) -> str:
        return f"{version}:{self._rules}:{name}"

    def _page(self, row: AnyRow, found: Lookup) -> RowPage:
        kept = _KEPT.decode(found.entry.value)
        return RowPage(
            row=row,
            kind=kept.kind,
            items=kept.items,
            next_skip=kept.next_skip,
            told=self._told(found, kept),
        )

    def _title(self, listing: Listing, found: Lookup) -> Title:
        kept = _KEPT.decode(found.entry.value)
        # Its name was made of the addresses in this listing, so one of them is it, if any.
        addon = next((each for each in listing.enabled if each.transport_hash == kept.addon), None)
        told = self._told(found, kept)
        return Title(meta=kept.meta, addon=addon, told=told, from_tmdb=kept.from_tmdb)

    def _told(self, found: Lookup, kept: _Kept) -> Told:
        left = freshness_of(found, self._clock.time())
        stale_s = left.stale_s if found.state == "stale" else kept.stale_s
        freshness = replace(left, stale_s=stale_s, age_s=left.age_s + kept.age_s)
        return Told(freshness=freshness, state=kept.state if found.state == "miss" else found.state)


def _addresses(made: RowPage | Title) -> Iterable[str]:
    """Hashes of the addresses that it is from."""
    if isinstance(made, Title):
        return [] if made.addon is None else [made.addon.transport_hash]
    return dict.fromkeys(member.addon.transport_hash for member in made.row.members)


def _kept(made: RowPage | Title) -> _Kept:
    told = made.told
    how = (told.state, told.freshness.age_s, told.freshness.stale_s)
    if isinstance(made, Title):
        addon = "" if made.addon is None else made.addon.transport_hash
        return _Kept(*how, meta=made.meta, addon=addon, from_tmdb=made.from_tmdb)
    return _Kept(*how, kind=made.kind, items=made.items, next_skip=made.next_skip)

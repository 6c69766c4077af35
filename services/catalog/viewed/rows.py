"""Pages of rows with what their owner has watched marked or left out.

What is shared stays shared: pages are made and kept for everybody, and one profile's state goes into its own
copy of them, which nobody keeps while viewing state can be asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from libs.addons.freshness import Freshness
from libs.addons.items import Item
from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.viewing import MAX_FLAGS, TitleFlags
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_settings import ViewingSettings
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable
from libs.common.identity import Identity
from libs.protocols.stremio.ids import is_imdb
from libs.protocols.stremio.paths import Extra
from services.catalog.aggregate import RowPage, Told, skip_of, told_of, with_skip
from services.catalog.enriched.answers import EnrichedAnswers
from services.catalog.listing import Listing
from services.catalog.model import Owner
from services.catalog.paging import PAGE_SIZE
from services.catalog.rows.row import AnyRow
from services.catalog.viewed.marks import id_of, marked, named_in
from services.catalog.viewed.pictured import is_own, pictured

WAIT_S: Final = 0.5
"""How long a row waits for what was watched: it takes a millisecond, and no mark is worth a late row."""

FILL_WAIT_S: Final = 2.0
"""How long a page waits for the one after it, to be filled up from."""

MOST: Final = 2000
"""Items read for a row out of which watched ones are left. Nobody scrolls so far."""

NOT_ASKED: Final = SourceProblem(
    "viewing", "Viewing state", Unavailable.code, "What you have watched can't be asked for at the moment."
)

FlagsById = Mapping[str, TitleFlags]


class ViewedRows:
    """As `EnrichedAnswers.page`, for one profile. Fails open: without viewing state a row is everybody's.

    `texts` is for players: marks go into their texts, and pages are filled up to 100 items again, since fewer
    end a row. Whoever asks by REST has cursors, and gets a page with what is left of it.
    """

    def __init__(self, rows: EnrichedAnswers, viewing: ViewingClient) -> None:
        self._rows = rows
        self._viewing = viewing

    async def page(
        self, row: AnyRow, extra: Extra, listing: Listing, *, texts: bool, deadline: Deadline
    ) -> RowPage:
        async def read(asked: Extra, until: Deadline) -> RowPage:
            page = await self._rows.page(row, asked, listing, texts=texts, deadline=until)
            return await pictured(page, self._rows, listing, deadline=until) if is_own(row) else page

        async def flags(items: Sequence[Item]) -> FlagsById:
            return await self._flags(listing.owner, items, deadline)

        how = _wanted(listing.viewing, extra, texts=texts)
        if row.kind != "catalog" or not how.is_on:
            return await read(extra, deadline)
        reading = _Reading(read, flags, extra, how, deadline)
        try:
            return await (reading.filled() if texts and how.hide_watched else reading.one())
        except _NotAsked:
            page = await read(extra, deadline)
            return replace(page, told=_of_now(told_of([page.told], (*page.told.problems, NOT_ASKED))))

    async def _flags(self, owner: Owner, items: Sequence[Item], deadline: Deadline) -> FlagsById:
        """By the items' own ids. Raises _NotAsked."""
        foreign = [item for item in items if not is_imdb(id_of(item))]
        named = {id_of(item): imdb for item in foreign if (imdb := named_in(item))}
        ids = list(dict.fromkeys([*map(id_of, items), *named.values()]))
        identity = Identity(owner.account_id, owner.profile_id)
        found: dict[str, TitleFlags] = {}
        try:
            for start in range(0, len(ids), MAX_FLAGS):
                part = ids[start : start + MAX_FLAGS]
                found |= await self._viewing.flags(identity, part, deadline=deadline.sooner(WAIT_S))
        except HeadgateError as error:
            raise _NotAsked from error
        for id_, imdb in named.items():
            if imdb in found:
                found.setdefault(id_, found[imdb])
        return found


class _NotAsked(Exception):
    """Nobody can say what was watched."""


class _Reading:
    """The row's own pages, as far as they were read for one page of its owner's.

    `_shown` is the row without what is watched, `_hidden` what the page read last lost.
    """

    def __init__(
        self,
        read: Callable[[Extra, Deadline], Awaitable[RowPage]],
        flags: Callable[[Sequence[Item]], Awaitable[FlagsById]],
        extra: Extra,
        how: ViewingSettings,
        deadline: Deadline,
    ) -> None:
        self._read = read
        self._ask = flags
        self._extra = extra
        self._how = how
        self._deadline = deadline
        self._flags: dict[str, TitleFlags] = {}
        self._pages: list[RowPage] = []
        self._shown: list[Item] = []
        self._hidden: list[Item] = []

    async def one(self) -> RowPage:
        """The page asked for, with what is left of it."""
        page = await self._read(self._extra, self._deadline)
        await self._take([page])
        return replace(page, items=self._marked(self._shown), told=_of_now(page.told))

    async def filled(self) -> RowPage:
        """100 items, or all there are.

        Places are counted without what is watched, so the row is read from its first page on: those before
        the one asked for are at hand.
        """
        skip = skip_of(self._extra)
        until = skip + PAGE_SIZE
        await self._take(await self._up_to(until))
        while len(self._shown) < until and (at := self._next()) is not None:
            try:
                page = await self._read(with_skip(self._extra, at), self._deadline.sooner(FILL_WAIT_S))
            except HeadgateError:
                # A shorter page would end the row: rather than that, what was watched stands at its end.
                self._shown += self._hidden
                break
            await self._take([page])
        return self._page(skip, until)

    async def _up_to(self, until: int) -> list[RowPage]:
        pages: list[RowPage] = []
        for at in range(0, min(until, MOST), PAGE_SIZE):
            pages.append(await self._read(with_skip(self._extra, at), self._deadline))
            if pages[-1].next_skip is None:
                break
        return pages

    async def _take(self, pages: Sequence[RowPage]) -> None:
        """Asks about all of them at once."""
        self._flags |= await self._ask([item for page in pages for item in page.items])
        for page in pages:
            self._pages.append(page)
            if not self._how.hide_watched:
                self._shown += page.items
                continue
            self._hidden = [item for item in page.items if self._is_watched(item)]
            self._shown += [item for item in page.items if not self._is_watched(item)]

    def _page(self, skip: int, until: int) -> RowPage:
        problems = {each.addon_id: each for page in self._pages for each in page.told.problems}
        told = told_of([page.told for page in self._pages], tuple(problems.values()))
        more = len(self._shown) > until or (len(self._shown) == until and self._next() is not None)
        return replace(
            self._pages[-1],
            items=self._marked(self._shown[skip:until]),
            next_skip=until if more else None,
            told=_of_now(told),
        )

    def _next(self) -> int | None:
        """Where the row goes on, if it does."""
        at = self._pages[-1].next_skip
        return at if at is not None and at < MOST else None

    def _is_watched(self, item: Item) -> bool:
        flags = self._flags.get(id_of(item))
        return flags is not None and flags.watched

    def _marked(self, items: Sequence[Item]) -> tuple[Item, ...]:
        if not (self._how.description or self._how.release_info):
            return tuple(items)
        return tuple(marked(item, self._flags.get(id_of(item)), self._how) for item in items)


def _wanted(how: ViewingSettings, extra: Extra, *, texts: bool) -> ViewingSettings:
    """What of it applies: whoever searches for something they have seen is to find it, and texts are marked
    for players only."""
    searches = any(name == "search" for name, _ in extra)
    return ViewingSettings(
        hide_watched=how.hide_watched and not searches,
        description=how.description and texts,
        release_info=how.release_info and texts,
    )


def _of_now(told: Told) -> Told:
    """Nobody keeps it to be shown again; where it can't be made, the last one may stand in."""
    lives = told.freshness
    return replace(told, freshness=Freshness(0, 0, lives.error_s, lives.age_s))

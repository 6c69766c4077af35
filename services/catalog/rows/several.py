"""Pages of a row that is made of several.

The members are read from their beginning and cut into bands: the next hundred of each, or of one after
the other where the row is sequential. The row is its bands, each in the order of its mode, every title once.
Bands depend on what members have and never on which page is asked for, so pages join on to one another.
A member that fails is left out of the bands it fails in, and its items come in later ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from libs.addons.items import Item
from libs.common.cache import Cache, Lives, Loaded
from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.rows import MergeMode
from libs.common.deadline import Deadline
from libs.common.errors import Unavailable
from libs.protocols.stremio.paths import Extra
from services.catalog.aggregate import (
    Aggregator,
    RowPage,
    check_allowed,
    nobody_told,
    problem_of,
    skip_of,
    told_of,
)
from services.catalog.errors import CatalogNotFound
from services.catalog.identity.choices import Choices
from services.catalog.paging import PAGE_SIZE, Page
from services.catalog.ratings import Ratings, asked_by
from services.catalog.rows.modes import ordered
from services.catalog.rows.once import Once, Part
from services.catalog.rows.row import AnyRow, Row, RowOfSeveral
from services.catalog.titles import Place

BAND: Final = 100
MOST: Final = 2000
"""Items read for one row. Nobody scrolls so far, and telling them all apart takes a quarter of a second."""

REMEMBERED_S: Final = 600
"""How long a reader who scrolls is spared repeats after a member failed and came back."""

Band = tuple[int, ...]
"""How far into the list of each member the row has come."""

_BANDS: Final = msgspec.msgpack.Decoder(tuple[Band, ...])


class RowPages:
    """Pages of any row."""

    def __init__(self, aggregator: Aggregator, ratings: Ratings, cuts: Cache) -> None:
        self._aggregator = aggregator
        self._ratings = ratings
        self._cuts = cuts

    async def page(self, row: AnyRow, extra: Extra, *, choices: Choices, deadline: Deadline) -> RowPage:
        """100 items from the `skip` among the extras. `choices` are the owner's about titles.

        Raises as `Aggregator.page` does; of a merged row only when none of its rows has anything to show.
        """
        if isinstance(row, Row):
            ask = self._aggregator.page if row.kind == "catalog" else self._aggregator.addon_page
            return await ask(row, extra, deadline=deadline)
        check_allowed(row, extra)
        skip = skip_of(extra)
        reading = _Reading(self._aggregator, row, extra, deadline)
        if not reading.members:
            raise CatalogNotFound("None of the rows in this one has what is asked for.")
        key = _key(row, reading.members, extra)
        entry = await self._cuts.get(key)
        remembered = _BANDS.decode(entry.value) if entry is not None and skip else ()
        await reading.resume(remembered)
        places = await self._places(reading, skip + PAGE_SIZE, Once(choices))
        if remembered or reading.has_gap or entry is not None:
            bands = reading.bands if remembered or reading.has_gap else ()
            await self._cuts.put(
                key, Loaded(msgspec.msgpack.encode(bands), Lives(REMEMBERED_S), spread=False)
            )
        return _page(row, reading, places, skip, settled=not remembered and not reading.unrated)

    async def _places(self, reading: _Reading, until: int, once: Once) -> list[Place]:
        """At least `until` items of the row, or all there are."""
        places = await self._in_order(reading, once)
        while len(places) < until and reading.goes_on:
            await reading.extend(until - len(places))
            places += await self._in_order(reading, once)
        return places

    async def _in_order(self, reading: _Reading, once: Once) -> list[Place]:
        """The bands that were cut since the last time, each in the order of the mode."""
        lists = await once.take(reading.taken())
        ratings = await self._rated(reading, lists) if reading.mode == "by_rating" else {}
        found: list[Place] = []
        width = len(reading.members)
        for start in range(0, len(lists), width):
            found += ordered(reading.mode, lists[start : start + width], ratings)
        return found

    async def _rated(self, reading: _Reading, lists: Sequence[Sequence[Place]]) -> dict[str, float]:
        ids = {asked_by(place.entry.ids) for places in lists for place in places}
        try:
            rated = await self._ratings.of(ids)
        except Unavailable:
            reading.unrated = True
            return {}
        return {id_: rating.rating for id_, rating in rated.items()}


class _Reading:
    """The members' lists, as far as they were read for one page."""

    def __init__(self, aggregator: Aggregator, row: RowOfSeveral, extra: Extra, deadline: Deadline) -> None:
        self._aggregator = aggregator
        self._extra = extra
        self._deadline = deadline
        self.mode: MergeMode = row.stored.mode
        self.members = tuple(member for member in row.members if _takes(member, extra))
        self.items: list[tuple[Item, ...]] = [() for _ in self.members]
        self.bands: tuple[Band, ...] = ()
        self.pages: list[tuple[Page, ...]] = [() for _ in self.members]
        self.kinds: set[str] = set()
        self.problems: dict[str, SourceProblem] = {}
        self._open = [True for _ in self.members]
        self._taken = 0
        self.has_gap = False
        self.unrated = False

    def taken(self) -> list[Part]:
        """What each member has in each band, of those not taken before."""
        cut = list(zip((self._nothing, *self.bands), self.bands, strict=False))[self._taken :]
        self._taken = len(self.bands)
        return [
            (member, items[start:end])
            for before, band in cut
            for member, items, start, end in zip(self.members, self.items, before, band, strict=True)
        ]

    @property
    def goes_on(self) -> bool:
        return any(self._open) and sum(self._ends) < MOST

    async def resume(self, bands: tuple[Band, ...]) -> None:
        if bands:
            self.bands = bands
            await self._read_to(self._ends)

    async def extend(self, wanted: int) -> None:
        """Cuts the bands for about `wanted` items more, at least one."""
        going = [place for place, is_open in enumerate(self._open) if is_open]
        if self.mode == "sequential":
            going = going[:1]
        before = self._ends
        bands = -(-min(wanted, MOST - sum(before)) // (BAND * len(going)))
        await self._read_to(
            tuple(end + BAND * bands if place in going else end for place, end in enumerate(before))
        )
        self.has_gap = self.has_gap or bool(self.problems)
        for number in range(1, bands + 1):
            ends = tuple(
                max(end, min(end + BAND * number, len(self.items[place]))) if place in going else end
                for place, end in enumerate(before)
            )
            if ends != self._ends:
                self.bands = (*self.bands, ends)

    async def _read_to(self, ends: Band) -> None:
        wanted = [place for place, end in enumerate(ends) if self._open[place] and end]
        await asyncio.gather(*(self._read_member(place, ends[place]) for place in wanted))

    async def _read_member(self, place: int, end: int) -> None:
        member = self.members[place]
        found, kind = await self._aggregator.read(
            member, self._extra, skip=0, size=end, deadline=self._deadline
        )
        self.items[place] = found.items
        self.pages[place] = found.pages
        self._open[place] = found.more and found.problem is None
        if found.pages:
            self.kinds.add(kind)
        if found.problem is not None:
            self.problems[member.addon.id] = problem_of(member.addon, found.problem.error)

    @property
    def _nothing(self) -> Band:
        return (0,) * len(self.members)

    @property
    def _ends(self) -> Band:
        return self.bands[-1] if self.bands else self._nothing


def _page(
    row: RowOfSeveral, reading: _Reading, places: Sequence[Place], skip: int, *, settled: bool
) -> RowPage:
    items = tuple(place.item for place in places[skip : skip + PAGE_SIZE])
    problems = tuple(reading.problems.values())
    if problems and not items:
        raise nobody_told(problems)
    more = len(items) == PAGE_SIZE and (len(places) > skip + PAGE_SIZE or reading.goes_on)
    pages = [page for pages in reading.pages for page in pages]
    having = [page for page in pages if page.items] or pages
    return RowPage(
        row=row,
        kind="metasDetailed" if reading.kinds == {"metasDetailed"} else "metas",
        items=items,
        next_skip=skip + PAGE_SIZE if more else None,
        told=told_of(having, problems, settled=settled),
    )


def _takes(member: Row, extra: Extra) -> bool:
    """Whether the member can be asked this, and has the options that are asked for."""
    asked = tuple(pair for pair in extra if pair[0] != "skip")
    options = {each.name: each.options for each in member.own.extra if each.options}
    return member.own.allows(asked) and all(
        value in options[name] for name, value in asked if name in options
    )


def _key(row: RowOfSeveral, members: Sequence[Row], extra: Extra) -> str:
    """Another one once anything changes about the rows in this one."""
    parts = [
        row.stored.mode,
        *((member.addon.transport_hash, member.own.type, member.own.id) for member in members),
        *sorted(pair for pair in extra if pair[0] != "skip"),
    ]
    return f"{row.stored.key}:{msgspec.json.encode(parts).decode()}"

"""Pages of 100 made from upstream pages of any size.

Upstream pages are walked from the first by the number of items received, which loses nothing whatever the
page size. An addon that repeats itself ends the walk, since repeating is how ignoring `skip` looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from libs.addons.errors import AddonBroken
from libs.addons.freshness import Freshness
from libs.addons.items import Item
from libs.common.contracts.catalog import CacheState
from libs.common.errors import HeadgateError

PAGE_SIZE = 100
"""Stremio asks for multiples of 100 and takes fewer items for the end of the list."""

MAX_CALLS = 40
"""Upstream calls made for one page; what is cached doesn't count, so scrolling on is never cut short."""

SMALLEST_PAGE = 10
"""A first answer with fewer items is the whole list: no addon pages in so few, and asking on costs a call."""

WALKED_PAGES = 25
"""Deeper than this many upstream pages, a page is reached by a jump, which trusts the addon's page size."""

AT_ONCE = 4
"""Upstream pages asked for together once the addon has shown that it honours `skip`."""

_NOMINAL_SIZES = (10, 12, 15, 20, 24, 25, 30, 36, 40, 48, 50, 60, 75, 80, 100)


@dataclass(frozen=True, slots=True)
class Page:
    """One upstream answer."""

    items: tuple[Item, ...]
    freshness: Freshness
    state: CacheState


@dataclass(frozen=True, slots=True)
class Missing:
    """An upstream page that could not be had, and why."""

    error: HeadgateError


Fetch = Callable[[int], Awaitable[Page | Missing]]
"""Asks upstream for the page at a skip of so many items."""


@dataclass(frozen=True, slots=True)
class Window:
    """`items` of the page asked for. `more` says whether a next page is worth asking for.

    `problem` is set when upstream failed before the window was full; with no `items` it is the answer.
    """

    items: tuple[Item, ...]
    more: bool
    pages: tuple[Page, ...]
    problem: Missing | None = None


def nominal_size(count: int) -> int:
    """The page size an addon most likely works with, given a page of `count` items that lost a few."""
    for size in _NOMINAL_SIZES:
        if count <= size:
            return size
    return -(-count // 50) * 50


@dataclass(slots=True)
class _Walk:
    """Items gathered in upstream order; `base` is the place of the first of them in the whole list."""

    base: int
    items: list[Item]
    pages: list[Page]
    seen: set[tuple[str, ...]]
    calls: int = 1
    problem: Missing | None = None
    ended: bool = False

    @property
    def reached(self) -> int:
        return self.base + len(self.items)

    def take(self, page: Page) -> int:
        """Adds what is new and says how much that was. Exact duplicates are dropped."""
        self.pages.append(page)
        before = len(self.items)
        for item in page.items:
            if item.identity not in self.seen:
                self.seen.add(item.identity)
                self.items.append(item)
        return len(self.items) - before


async def window(fetch: Fetch, *, skip: int, honours_skip: bool, size: int = PAGE_SIZE) -> Window:
    """The items from `skip` to `skip + size` of the addon's whole list.

    At most `MAX_CALLS` answers that were not cached. With `honours_skip` false (the catalog does not
    declare it) only the first upstream page is read and cut into pages here.
    """
    first = await fetch(0)
    if isinstance(first, Missing):
        return Window((), False, (), first)
    walk = _Walk(0, [], [], set())
    walk.take(first)
    until = skip + size
    if not honours_skip or len(first.items) < SMALLEST_PAGE:
        walk.ended = True
    elif walk.reached < until:
        length = len(first.items)
        start = length
        if length == nominal_size(length) and skip // length > WALKED_PAGES:
            start = skip // length * length
            walk.base, walk.items = start, []
        await _walk(fetch, walk, position=start, length=length, until=until)
    found = walk.items[skip - walk.base : until - walk.base]
    more = len(found) == size and (walk.reached > until or not walk.ended)
    return Window(tuple(found), more, tuple(walk.pages), walk.problem)


async def _walk(fetch: Fetch, walk: _Walk, *, position: int, length: int, until: int) -> None:
    """Goes on from `position` until the window is full, the list ends, a page is missing or calls run out."""
    whole = nominal_size(length)
    at_once = 1
    while not walk.ended and walk.problem is None and walk.reached < until:
        if walk.calls >= MAX_CALLS:
            walk.problem = Missing(
                AddonBroken("The addon sends so few items at a time that the page is cut.")
            )
            return
        wanted = -(-(until - walk.reached) // length)
        skips = [position + n * length for n in range(min(at_once, wanted, MAX_CALLS - walk.calls))]
        pages = await asyncio.gather(*map(fetch, skips))
        walk.calls += sum(isinstance(page, Missing) or page.state == "miss" for page in pages)
        at_once = AT_ONCE
        for skip, page in zip(skips, pages, strict=True):
            if skip != position or walk.ended or walk.problem is not None:
                break  # an earlier page was not as long as expected, so this one does not join on
            position = _join(walk, page, position=position, whole=whole)
            if isinstance(page, Page) and len(page.items) != length and page.items:
                length, at_once = len(page.items), 1


def _join(walk: _Walk, page: Page | Missing, *, position: int, whole: int) -> int:
    """Takes one page and says where the next begins."""
    if isinstance(page, Missing):
        walk.problem = page
        return position
    if walk.take(page):
        return position + len(page.items)
    aligned = -(-position // whole) * whole
    if page.items and aligned != position:
        # An addon that rounds skip down to whole pages sent the same page again because it had left
        # items out of it: the next whole page is the true continuation.
        return aligned
    walk.ended = True
    return position

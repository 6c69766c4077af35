"""Pages of 100 from upstreams of every habit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from libs.addons.errors import AddonBroken, AddonUnreachable
from libs.addons.freshness import Freshness
from libs.addons.items import Item
from services.catalog.paging import MAX_CALLS, Missing, Page, Window, nominal_size, window

FRESH = Freshness(3600, 0, 0)


def item(number: int) -> Item:
    return Item(("movie", f"tt{number}"), b"{}")


def page(numbers: range | list[int]) -> Page:
    return Page(tuple(item(number) for number in numbers), FRESH, "miss")


class Upstream:
    """An addon whose answer to a skip is a function; it remembers what it was asked."""

    def __init__(self, answer: Callable[[int], Page | Missing]) -> None:
        self.answer = answer
        self.asked: list[int] = []

    async def __call__(self, skip: int) -> Page | Missing:
        known = skip in self.asked
        self.asked.append(skip)
        answer = self.answer(skip)
        return replace(answer, state="hit") if known and isinstance(answer, Page) else answer

    async def all_items(self, *, honours_skip: bool = True) -> list[int]:
        """Every item a player finds that asks on until a page is short."""
        found: list[int] = []
        for skip in range(0, 20_000, 100):
            got = numbers(await window(self, skip=skip, honours_skip=honours_skip))
            found += got
            if len(got) < 100:
                return found
        raise AssertionError("the list has no end")


def by_offset(total: int, size: int) -> Upstream:
    return Upstream(lambda skip: page(range(skip, min(skip + size, total))))


def by_whole_pages(total: int, size: int) -> Upstream:
    """Rounds skip down to its own pages, as many addons do."""
    return Upstream(lambda skip: page(range(skip // size * size, min((skip // size + 1) * size, total))))


def numbers(found: Window) -> list[int]:
    return [int(entry.identity[1][2:]) for entry in found.items]


@pytest.mark.parametrize("size", [10, 13, 20, 33, 50, 99, 100, 101, 250, 1000])
@pytest.mark.parametrize("make", [by_offset, by_whole_pages])
async def test_every_item_arrives_once_whatever_the_upstream_page_size(
    size: int, make: Callable[[int, int], Upstream]
) -> None:
    assert await make(613, size).all_items() == list(range(613))


async def test_an_addon_without_skip_is_cut_into_pages_with_one_call_each() -> None:
    upstream = Upstream(lambda skip: page(range(10_000)))
    assert await upstream.all_items(honours_skip=False) == list(range(10_000))
    assert set(upstream.asked) == {0}


async def test_an_addon_that_ignores_skip_ends_after_its_first_page() -> None:
    upstream = Upstream(lambda skip: page(range(20)))
    found = await window(upstream, skip=0, honours_skip=True)
    assert numbers(found) == list(range(20))
    assert not found.more
    assert upstream.asked == [0, 20]


async def test_an_addon_of_100_that_ignores_skip_has_an_empty_second_page() -> None:
    upstream = Upstream(lambda skip: page(range(100)))
    assert await upstream.all_items() == list(range(100))


async def test_pages_that_lost_items_to_a_filter_lose_none_to_us() -> None:
    kept = [number for number in range(400) if number % 7]

    def answer(skip: int) -> Page:
        start = skip // 20 * 20
        return page([number for number in range(start, start + 20) if number in kept])

    upstream = Upstream(answer)
    assert await upstream.all_items() == kept


async def test_a_page_of_100_from_small_pages_takes_few_steps_and_no_call_too_many() -> None:
    upstream = by_offset(1000, 20)
    found = await window(upstream, skip=0, honours_skip=True)
    assert numbers(found) == list(range(100))
    assert found.more
    assert upstream.asked == [0, 20, 40, 60, 80]


async def test_a_page_deep_in_the_list_is_reached_by_a_jump() -> None:
    upstream = by_offset(100_000, 20)
    assert numbers(await window(upstream, skip=50_000, honours_skip=True)) == list(range(50_000, 50_100))
    assert len(upstream.asked) <= 7


async def test_a_first_answer_of_a_few_items_is_the_whole_list() -> None:
    upstream = by_offset(9, 20)
    assert numbers(await window(upstream, skip=0, honours_skip=True)) == list(range(9))
    assert upstream.asked == [0]


async def test_calls_are_bounded_when_pages_shrink_to_one_item() -> None:
    upstream = Upstream(lambda skip: page(range(skip, skip + (20 if skip == 0 else 1))))
    found = await window(upstream, skip=0, honours_skip=True)
    assert len(upstream.asked) <= MAX_CALLS
    assert found.problem is not None
    assert isinstance(found.problem.error, AddonBroken)


async def test_a_failure_midway_leaves_a_partial_page() -> None:
    missing = Missing(AddonUnreachable("gone"))
    upstream = Upstream(lambda skip: page(range(skip, skip + 20)) if skip < 40 else missing)
    found = await window(upstream, skip=0, honours_skip=True)
    assert numbers(found) == list(range(40))
    assert found.problem is missing
    assert not found.more


async def test_a_failure_of_the_first_page_leaves_nothing() -> None:
    missing = Missing(AddonUnreachable("gone"))
    found = await window(Upstream(lambda skip: missing), skip=0, honours_skip=True)
    assert found.items == ()
    assert found.problem is missing


async def test_an_exact_duplicate_is_sent_once_but_the_same_id_of_another_type_stays() -> None:
    twice = Page((item(1), item(1), Item(("series", "tt1"), b"{}")), FRESH, "miss")
    found = await window(Upstream(lambda skip: twice), skip=0, honours_skip=False)
    assert [entry.identity for entry in found.items] == [("movie", "tt1"), ("series", "tt1")]


@pytest.mark.parametrize(("count", "size"), [(1, 10), (17, 20), (20, 20), (97, 100), (101, 150), (250, 250)])
def test_a_page_that_lost_a_few_items_tells_the_page_size(count: int, size: int) -> None:
    assert nominal_size(count) == size

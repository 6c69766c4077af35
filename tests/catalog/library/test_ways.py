"""Which way to a page is taken, by what is known of how much there is."""

from __future__ import annotations

import pytest

from services.catalog.library.ways import MOST_WALKED, Way, sizes, way
from services.catalog.store.library.scans import Filters, OrderName, Scan
from services.catalog.store.library.shelves import Category, Shelf

TOTAL = 150_000
SHELF = Shelf(
    {
        1: Category(id=1, provider=1, kind=2, name="Small", items=100, others=0),
        2: Category(id=2, provider=1, kind=2, name="Large", items=TOTAL // 2, others=0),
    },
    {
        (2, "all"): {0: TOTAL},
        (2, "genre"): {3: TOTAL // 10, 4: 30},
        (2, "language"): {5: TOTAL // 12},
        (2, "year"): {1927: 200, 1999: 4000},
        (2, "rating"): dict.fromkeys(range(10), TOTAL // 10),
    },
)


def chosen(filters: Filters, order: OrderName = "title", *, newer: int = TOTAL, shelf: Shelf = SHELF) -> Way:
    scan = Scan(provider=1, kind=2, order=order, filters=filters)
    return way(scan, shelf, sizes(scan, shelf, newer=newer))


@pytest.mark.parametrize("order", ["title", "added", "rating", "year"])
def test_without_filters_a_list_is_walked_without_a_bound(order: OrderName) -> None:
    assert chosen(Filters(), order) == Way(gathers=False, narrowest=None, within=TOTAL)


def test_an_index_that_begins_with_the_filter_is_walked() -> None:
    assert chosen(Filters(category=1)) == Way(gathers=False, narrowest=None, within=100)
    assert chosen(Filters(year_from=1999, year_to=1999)) == Way(gathers=False, narrowest=None, within=4000)
    assert not chosen(Filters(category=2), "added").gathers


def test_what_few_have_is_gathered_and_what_many_have_is_walked() -> None:
    assert chosen(Filters(category=1), "rating") == Way(gathers=True, narrowest="category", within=TOTAL)
    assert not chosen(Filters(category=2), "rating").gathers
    assert chosen(Filters(genre=4, year_from=1927, year_to=1927), "rating").narrowest == "year"
    assert not chosen(Filters(genre=3)).gathers


def test_rows_are_visited_only_where_walking_looks_at_far_more() -> None:
    """Titles don't stand beside dates: a page by title of what is new visits everything new."""
    assert not chosen(Filters(added_since=1), newer=1500).gathers
    assert chosen(Filters(added_since=1), newer=200).gathers
    assert chosen(Filters(added_since=1, genre=3, language=5), "rating", newer=1500).gathers
    # Only those that the language leaves are visited; a walk would look at as many as both exclude.
    assert not chosen(Filters(rating_from=95)).gathers
    assert chosen(Filters(rating_from=95, language=5)).narrowest == "rating"


def test_ratings_within_a_ten_are_a_part_of_it() -> None:
    scan = Scan(provider=1, kind=2, order="title", filters=Filters(rating_from=85))
    assert sizes(scan, SHELF, newer=0) == {"rating": TOTAL * 15 // 100}


def test_a_walk_that_may_go_wrong_is_bounded() -> None:
    walked = chosen(Filters(genre=3, language=5))
    assert (walked.gathers, walked.most_walked) == (False, MOST_WALKED)
    # Beyond the bound of what is rare, walking on is all there is.
    assert chosen(Filters(genre=4)).most_walked is None


def test_what_was_never_counted_is_walked() -> None:
    assert chosen(Filters(genre=3, category=1), shelf=Shelf()) == Way(False, None, 0)

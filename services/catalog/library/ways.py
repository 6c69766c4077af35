"""Which of two ways leads to a page with less to look at: along its order, or over one of its filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.catalog.store.library.scans import FilterName, Scan, visits
from services.catalog.store.library.shelves import Shelf

MOST_WALKED: Final = 20_000
"""Rows: filters that exclude each other could make a walk look at every one there is."""
LOOKING: Final = 0.4
"""What a row costs beside a walked one where a filter's index is looked through."""
SORTING: Final = 1.1
"""And what it costs to keep and sort one that the other filters leave."""
VISITING: Final = 15.0
"""The same where the row itself has to be visited."""
INDEXED: Final = frozenset[FilterName]({"category", "year", "rating", "added"})
"""Filters that there is an index of."""


@dataclass(frozen=True, slots=True)
class Way:
    """Gather by a filter, or walk. `within` are the rows a walk has before it, `most_walked` its bound.

    `narrowest` is what to gather by where a walk ends at its bound: None says to walk on without one.
    """

    gathers: bool
    narrowest: FilterName | None
    within: int
    most_walked: int | None = None


def sizes(scan: Scan, shelf: Shelf, *, newer: int) -> dict[FilterName, int]:
    """How many rows each filter has; `newer` than the date asked for."""
    filters, kind = scan.filters, scan.kind
    known: dict[FilterName, int] = {
        "category": _category(shelf, filters.category),
        "genre": shelf.between(kind, "genre", filters.genre, filters.genre),
        "language": shelf.between(kind, "language", filters.language, filters.language),
        "year": shelf.between(kind, "year", filters.year_from, filters.year_to),
        "rating": _rated(shelf, kind, filters.rating_from or 0),
        "added": newer,
    }
    return {name: known[name] for name in filters.names}


def way(scan: Scan, shelf: Shelf, size: Mapping[FilterName, int]) -> Way:
    total = shelf.total(scan.kind)
    if not total:  # nothing was counted yet
        return Way(gathers=False, narrowest=None, within=0)
    covered = {name for name in size if name in (scan.prefix, scan.order)}
    rest = [name for name in size if name not in covered]
    within = min([total, *(size[name] for name in covered)])
    if not rest:
        return Way(gathers=False, narrowest=None, within=within)
    left_in = 1.0
    for name in rest:
        left_in *= min(size[name] / total, 1.0)
    walked = min(within, scan.limit / max(left_in, 1e-9))
    costs = {name: _cost(scan, name, size, total) for name in size if name in INDEXED}
    narrowest = min(costs, key=costs.__getitem__, default=None)
    if narrowest is not None and costs[narrowest] < walked:
        return Way(gathers=True, narrowest=narrowest, within=within)
    if narrowest is not None and size[narrowest] >= within:
        narrowest = None
    # Twice what is expected: what lies together isn't spread as if by chance.
    bound = max(MOST_WALKED, int(2 * walked))
    return Way(
        gathers=False, narrowest=narrowest, within=within, most_walked=bound if within > bound else None
    )


def _cost(scan: Scan, name: FilterName, size: Mapping[FilterName, int], total: int) -> float:
    left = 1.0
    for other in size:
        if other != name:
            left *= min(size[other] / total, 1.0)
    return size[name] * (LOOKING + left * (VISITING if visits(scan, name) else SORTING))


def _rated(shelf: Shelf, kind: int, least: int) -> int:
    """About how many: they are counted by tens."""
    ten, beyond = divmod(least, 10)
    below = shelf.between(kind, "rating", ten, ten) * beyond // 10
    return shelf.between(kind, "rating", ten, None) - below


def _category(shelf: Shelf, number: int | None) -> int:
    category = shelf.categories.get(number or 0)
    return 0 if category is None else category.items

"""Which of two ways leads to a page with less to look at: along its order, or over one of its filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.catalog.store.library.scans import FilterName, Scan
from services.catalog.store.library.shelves import Shelf

MOST_WALKED: Final = 20_000
"""Rows: filters that exclude each other could make a walk look at every one there is."""
SORTING: Final = 1.5
"""What a gathered row costs beside a walked one: it is kept and sorted."""
VISITING: Final = 15.0
"""The same where the row itself has to be visited: titles don't stand beside ratings and dates."""
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
        "rating": shelf.between(kind, "rating", (filters.rating_from or 0) // 10, None),
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
    indexed = [name for name in size if name in INDEXED]
    narrowest = min(indexed, key=lambda name: size[name] * _cost(scan, name), default=None)
    if narrowest is not None and size[narrowest] * _cost(scan, narrowest) < walked:
        return Way(gathers=True, narrowest=narrowest, within=within)
    if narrowest is not None and size[narrowest] >= within:
        narrowest = None
    # Twice what is expected: what lies together isn't spread as if by chance.
    bound = max(MOST_WALKED, int(2 * walked))
    return Way(
        gathers=False, narrowest=narrowest, within=within, most_walked=bound if within > bound else None
    )


def _cost(scan: Scan, name: FilterName) -> float:
    return VISITING if name in ("rating", "added") and "sort" in scan.columns else SORTING


def _category(shelf: Shelf, number: int | None) -> int:
    category = shelf.categories.get(number or 0)
    return 0 if category is None else category.items

"""Which entries are worth comparing by name, so that not every one is held against every other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from rapidfuzz.distance import OSA

from services.catalog.identity.entry import Entry
from services.catalog.identity.match import may_differ_by
from services.catalog.identity.names import Name

COMMON: Final = 100
"""A name that so many titles have says nothing: those are compared by ids alone."""

_ENDS: Final = 3
"""Near names are looked for among those that begin or end in the same so many letters: a slip of the
fingers is at one end, hardly ever at both."""

Candidate = tuple[int, Name, int, Name]
"""Two entries by their place, each with the form of its name that brought them together."""


def same_names(entries: Sequence[Entry]) -> Iterator[Candidate]:
    """Pairs of entries with a name in common."""
    having: defaultdict[tuple[str, str], list[tuple[int, Name]]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for name in entry.names:
            having[entry.key[0], name.key].append((place, name))
    for found in having.values():
        if 1 < len(found) < COMMON:
            for (one, mine), (other, theirs) in combinations(found, 2):
                if one != other:
                    yield one, mine, other, theirs


Dated = tuple[str, int, tuple[str, ...], str]
"""Kind, year, numbers and key of a name."""


def dated(entry: Entry, name: Name) -> Dated | None:
    """What has to be near in a near name; None for one too short, cut or without a year."""
    year = name.year or entry.year
    if year is None or name.loss or not may_differ_by(len(name.key)):
        return None
    return entry.key[0], year, name.numbers, name.key


def near_blocks(name: Dated) -> Iterator[tuple[object, ...]]:
    """Every two near names have one of these in common."""
    kind, year, numbers, key = name
    for near in (year, year + 1):
        yield kind, near, numbers, True, key[:_ENDS]
        yield kind, near, numbers, False, key[-_ENDS:]


def near_names(entries: Sequence[Entry]) -> Iterator[Candidate]:
    """Pairs of entries whose names are a slip of the fingers apart, of one year or of two that follow."""
    having: defaultdict[Dated, list[tuple[int, Name]]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for name in entry.names:
            if (key := dated(entry, name)) is not None:
                having[key].append((place, name))
    for mine, theirs in _near_pairs(each for each, found in having.items() if len(found) < COMMON):
        for one, my_name in having[mine]:
            for other, their_name in having[theirs]:
                yield one, my_name, other, their_name


def _near_pairs(names: Iterable[Dated]) -> Iterator[tuple[Dated, Dated]]:
    blocks: defaultdict[tuple[object, ...], list[Dated]] = defaultdict(list)
    for name in names:
        for block in near_blocks(name):
            blocks[block].append(name)
    seen: set[tuple[Dated, Dated]] = set()
    for found in blocks.values():
        for pair in combinations(sorted(found), 2) if 1 < len(found) < COMMON else ():
            mine, theirs = pair[0][-1], pair[1][-1]
            if pair not in seen and mine != theirs and _near(mine, theirs):
                seen.add(pair)
                yield pair


def _near(mine: str, theirs: str) -> bool:
    allowed = may_differ_by(min(len(mine), len(theirs)))
    return OSA.distance(mine, theirs, score_cutoff=allowed) <= allowed

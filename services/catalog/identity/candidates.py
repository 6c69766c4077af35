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

_ENDS: Final = 4
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


def near_names(entries: Sequence[Entry]) -> Iterator[Candidate]:
    """Pairs of entries whose names are a slip of the fingers apart, of one year or of two that follow."""
    having: defaultdict[_Dated, list[tuple[int, Name]]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for name in entry.names:
            year = name.year or entry.year
            if year is not None and not name.loss and may_differ_by(len(name.key)):
                having[entry.key[0], year, name.numbers, name.key].append((place, name))
    for mine, theirs in _near_pairs(dated for dated, found in having.items() if len(found) < COMMON):
        for one, my_name in having[mine]:
            for other, their_name in having[theirs]:
                yield one, my_name, other, their_name


_Dated = tuple[str, int, tuple[str, ...], str]
"""Kind, year, numbers and key of a name."""


def _near_pairs(names: Iterable[_Dated]) -> Iterator[tuple[_Dated, _Dated]]:
    blocks: defaultdict[tuple[object, ...], list[_Dated]] = defaultdict(list)
    for dated in names:
        kind, year, numbers, key = dated
        for near in (year, year + 1):
            blocks[kind, near, numbers, True, key[:_ENDS]].append(dated)
            blocks[kind, near, numbers, False, key[-_ENDS:]].append(dated)
    seen: set[tuple[_Dated, _Dated]] = set()
    for block in blocks.values():
        for pair in combinations(sorted(block), 2) if 1 < len(block) < COMMON else ():
            mine, theirs = pair[0][-1], pair[1][-1]
            allowed = may_differ_by(min(len(mine), len(theirs)))
            if (
                pair not in seen
                and mine != theirs
                and OSA.distance(mine, theirs, score_cutoff=allowed) <= allowed
            ):
                seen.add(pair)
                yield pair

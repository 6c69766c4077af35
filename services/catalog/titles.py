"""What several rows found, one entry per title, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from libs.addons.items import Item
from services.catalog.identity.choices import NO_CHOICES, Choices
from services.catalog.identity.entry import Entry, Key, read_entry
from services.catalog.identity.match import decide
from services.catalog.identity.titles import Link, Title, put_together
from services.catalog.identity.why import Why
from services.catalog.merge import Row
from services.catalog.model import RowKey

MANY = 300
"""Entries from which on a thread does the work: some 75 µs each would be a stutter for everybody else."""

MOST_APART = 50
"""Namesakes named with the reasons why they are something else."""

Group = tuple[Row, tuple[Item, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """An entry and the row it stands in; `shown` unless a row further up has its title."""

    row: Row
    item: Item
    entry: Entry
    shown: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every entry found, in row order, and the titles they are."""

    places: tuple[Place, ...]
    titles: Mapping[Key, Title]

    @property
    def groups(self) -> tuple[Group, ...]:
        """What is shown, row by row; rows with nothing new are left out."""
        rows: dict[RowKey, tuple[Row, list[Item]]] = {}
        for place in self.places:
            if place.shown:
                rows.setdefault(place.row.key, (place.row, []))[1].append(place.item)
        return tuple((row, tuple(items)) for row, items in rows.values())

    @property
    def of_several(self) -> Iterator[tuple[Title, tuple[Place, ...]]]:
        """Titles that were found under more than one id, with all their places."""
        places: dict[Key, list[Place]] = {}
        for place in self.places:
            title = self.titles[place.entry.key]
            if len(title.keys) > 1:
                places.setdefault(title.keys[0], []).append(place)
        for key, found in places.items():
            yield self.titles[key], tuple(found)


async def gathered(groups: Sequence[Group], choices: Choices = NO_CHOICES) -> Gathered:
    """Puts together what rows found. Of one row nothing is hidden but what it repeats.

    What an addon lists side by side, say a film in two languages, it means as two.
    """
    if sum(len(items) for _, items in groups) < MANY:
        return _gathered(groups, choices)
    return await asyncio.to_thread(_gathered, groups, choices)


def _gathered(groups: Sequence[Group], choices: Choices) -> Gathered:
    found = [(row, item, read_entry(item.raw)) for row, items in groups for item in items]
    titles = put_together((entry for _, _, entry in found), choices)
    first: dict[int, Row] = {}
    seen: set[Key] = set()
    places = []
    for row, item, entry in found:
        its_row = first.setdefault(id(titles[entry.key]), row)
        places.append(Place(row, item, entry, its_row is row and entry.key not in seen))
        seen.add(entry.key)
    return Gathered(tuple(places), titles)


@dataclass(frozen=True, slots=True)
class Explained:
    """A title, where its entries were found, and what looks like it and is something else."""

    title: Title
    places: tuple[Place, ...]
    apart: tuple[Link, ...]


def explained(found: Gathered, key: Key, choices: Choices) -> Explained | None:
    """Why what was found is one title with the entry of that key; None if that wasn't found."""
    title = found.titles.get(key)
    if title is None:
        return None
    apart = tuple(_apart(found, title, choices))
    places = tuple(place for place in found.places if place.entry.key in title.keys)
    return Explained(title, places, apart[:MOST_APART])


def _apart(found: Gathered, title: Title, choices: Choices) -> Iterator[Link]:
    """Namesakes, and what the owner keeps apart."""
    yield from title.kept_out
    known = {frozenset((link.one, link.other)) for link in title.kept_out}
    entries = {place.entry.key: place.entry for place in found.places}
    for one in title.keys:
        mine = entries[one]
        for other, theirs in entries.items():
            pair = frozenset((one, other))
            if other in title.keys or pair in known:
                continue
            if other in choices.apart.get(one, ()):
                yield Link(one, other, Why(False, "chosen", 0.0))
            elif _namesakes(mine, theirs):
                why = decide(mine, theirs)
                # What is the same for the two alone was decided otherwise by what else is known.
                yield Link(one, other, why if not why.same else Why(False, "several", why.score, why.facts))


def _namesakes(mine: Entry, theirs: Entry) -> bool:
    keys = {name.key for name in mine.names}
    return mine.key[0] == theirs.key[0] and any(name.key in keys for name in theirs.names)

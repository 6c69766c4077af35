"""What several rows found, one entry per title, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from libs.addons.items import Item
from services.catalog.identity.choices import NO_CHOICES, Choices
from services.catalog.identity.entry import Entry, Key, read_entry
from services.catalog.identity.match import decide
from services.catalog.identity.titles import Link, Title, put_together
from services.catalog.identity.why import Why
from services.catalog.model import RowKey
from services.catalog.rows.row import Row

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
        """Titles that were found more than once, with all their places."""
        places: dict[Key, list[Place]] = {}
        for place in self.places:
            places.setdefault(self.titles[place.entry.key].keys[0], []).append(place)
        for key, found in places.items():
            if len(found) > 1:
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


def explained(found: Gathered, key: Key, choices: Choices, *, other: str | None = None) -> Explained | None:
    """Why what was found is one title with the entry of that key; None if that wasn't found.

    Of what is something else, namesakes are named and whatever has the id `other`.
    """
    title = found.titles.get(key)
    if title is None:
        return None
    places = tuple(place for place in found.places if place.entry.key in title.keys)
    links = {frozenset((link.one, link.other)): link for link in title.kept_out}
    for link in _apart(found, title, choices, other):
        links.setdefault(frozenset((link.one, link.other)), link)
    return Explained(title, places, tuple(links.values())[:MOST_APART])


def _apart(found: Gathered, title: Title, choices: Choices, asked: str | None) -> Iterator[Link]:
    entries = {place.entry.key: place.entry for place in found.places}
    for key in title.keys:
        one = entries[key]
        for other in entries.values():
            if other.key[0] != key[0] or other.key in title.keys:
                continue
            if other.key in choices.apart.get(key, ()):
                yield Link(key, other.key, Why(False, "chosen", 0.0))
            elif other.key[1] == asked or _namesakes(one, other):
                why = decide(one, other)
                # What is the same for the two alone was decided otherwise by what else is known.
                yield Link(key, other.key, replace(why, same=False, rule="several") if why.same else why)


def _namesakes(one: Entry, other: Entry) -> bool:
    keys = {name.key for name in one.names}
    return any(name.key in keys for name in other.names)

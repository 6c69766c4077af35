"""A list of titles that is read from its beginning and never to its end.

What comes later changes nothing that was said before, so that the pages read so far stay as they are
however far somebody reads on. In return less is known about each entry than where all are at hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from services.catalog.identity.candidates import COMMON, dated, near_blocks
from services.catalog.identity.choices import NO_CHOICES, Choices
from services.catalog.identity.entry import Entry, Key
from services.catalog.identity.group import Group, alone, differ
from services.catalog.identity.match import decide, decide_by_ids
from services.catalog.identity.titles import Link
from services.catalog.identity.why import Why

_Found = tuple[int, Why]


class Shown:
    """The titles shown so far."""

    def __init__(self, choices: Choices = NO_CHOICES) -> None:
        self._choices = choices
        self._same: defaultdict[Key, list[Key]] = defaultdict(list)
        for one, other in choices.same:
            self._same[one].append(other)
            self._same[other].append(one)
        self._entries: list[Entry] = []
        self._title: list[int] = []
        self._titles: list[Group] = []
        self._by_key: dict[Key, int] = {}
        self._by_id: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        self._by_name: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)

    def take(self, entry: Entry) -> Link | None:
        """The entry it is the same title as, and why; None for a title of its own, to be shown."""
        if entry.key in self._by_key:
            return Link(entry.key, entry.key, Why(True, "own_id", 1.0))
        own = alone(entry, self._choices)
        found = self._chosen(entry, own) or self._same_id(entry, own) or self._same_name(entry, own)
        if found is None:
            self._keep(entry, own, len(self._titles))
            return None
        place, why = found
        self._keep(entry, own, self._title[place])
        return Link(entry.key, self._entries[place].key, why)

    def _chosen(self, entry: Entry, own: Group) -> _Found | None:
        for other in self._same.get(entry.key, ()):
            place = self._by_key.get(other)
            if place is not None and own.apart.isdisjoint(self._titles[self._title[place]].keys):
                return place, Why(True, "chosen", 1.0)
        return None

    def _same_id(self, entry: Entry, own: Group) -> _Found | None:
        for system, id_ in entry.ids.items():
            for place in self._by_id.get((entry.key[0], system, id_), ()):
                title = self._titles[self._title[place]]
                if differ(own.ids, title.ids) or own.apart & title.keys:
                    continue
                why = decide_by_ids(entry, self._entries[place])
                if why is not None and why.same:
                    return place, why
        return None

    def _same_name(self, entry: Entry, own: Group) -> _Found | None:
        """The title whose entries are most alike; none where two are that are not the same."""
        best: dict[int, _Found] = {}
        for place in self._alike(entry):
            number = self._title[place]
            if not own.against(self._titles[number]):
                why = decide(entry, self._entries[place])
                if why.same and (number not in best or why.score > best[number][1].score):
                    best[number] = place, why
        top = max((why.score for _, why in best.values()), default=0.0)
        equals = sorted(number for number, (_, why) in best.items() if why.score == top)
        if any(self._titles[a].against(self._titles[b]) for a, b in combinations(equals, 2)):
            return None
        return best[equals[0]] if equals else None

    def _alike(self, entry: Entry) -> Iterator[int]:
        seen: set[int] = set()
        for key in _keys(entry):
            places = self._by_name.get(key, ())
            if len(places) < COMMON:
                yield from (place for place in places if place not in seen)
                seen.update(places)

    def _keep(self, entry: Entry, own: Group, title: int) -> None:
        place = len(self._entries)
        self._entries.append(entry)
        self._title.append(title)
        self._by_key[entry.key] = place
        if title == len(self._titles):
            self._titles.append(own)
        else:
            self._titles[title] = self._titles[title].with_(own)
        for system, id_ in entry.ids.items():
            self._by_id[entry.key[0], system, id_].append(place)
        for key in _keys(entry):
            self._by_name[key].append(place)


def _keys(entry: Entry) -> Iterator[tuple[object, ...]]:
    """Where entries with the same and with near names are found together."""
    for name in entry.names:
        yield entry.key[0], name.key
        if (near := dated(entry, name)) is not None:
            yield from near_blocks(near)

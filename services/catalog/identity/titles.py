"""Entries of many addons put together into titles.

The order in which entries come makes no difference. What is surest is done first (the owner's choices,
ids, names, nearly the same names), and what was done is never put in question again by what is less sure.
An entry that could be one of two titles which are not the same stays by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

import msgspec

from services.catalog.identity.candidates import COMMON, Candidate, near_names, same_names
from services.catalog.identity.choices import NO_CHOICES, Choices
from services.catalog.identity.entry import Entry, Key
from services.catalog.identity.group import Group, alone, differ
from services.catalog.identity.ids import SYSTEMS, System
from services.catalog.identity.match import compare, decide_by_ids, settle
from services.catalog.identity.names import Name
from services.catalog.identity.why import Why


@dataclass(frozen=True, slots=True)
class Link:
    """Two entries and what was decided about them."""

    one: Key
    other: Key
    why: Why


@dataclass(frozen=True, slots=True)
class Title:
    """`links` tie all of its entries together; `kept_out` are titles it might have been."""

    id: str
    keys: tuple[Key, ...]
    links: tuple[Link, ...]
    kept_out: tuple[Link, ...] = ()


def put_together(entries: Iterable[Entry], choices: Choices = NO_CHOICES) -> dict[Key, Title]:
    """The title of every entry, by the entry's key."""
    sorting = _Sorting(_one_of_each(entries), choices)
    sorting.by_choice()
    sorting.by_ids()
    sorting.by_names(same_names(sorting.entries))
    sorting.by_names(near_names(sorting.entries))
    return sorting.titles()


def _one_of_each(entries: Iterable[Entry]) -> list[Entry]:
    """Entries with one key are one: what any of them says, it says."""
    by_key: defaultdict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_key[entry.key].append(entry)
    return [found[0] if len(found) == 1 else _united(found) for _, found in sorted(by_key.items())]


def _united(entries: Sequence[Entry]) -> Entry:
    """Where they say different things, the first in an order of their own is believed, whoever came first."""
    entries = sorted(entries, key=lambda entry: (entry.written, str(entry.year), sorted(entry.ids.items())))
    ids: dict[System, str] = {}
    names: dict[tuple[str, int | None], Name] = {}
    for entry in entries:
        ids = {**entry.ids, **ids}
        for name in entry.names:
            names.setdefault((name.key, name.year), name)
    return msgspec.structs.replace(
        entries[0],
        ids=ids,
        names=tuple(names.values()),
        year=next((entry.year for entry in entries if entry.year is not None), None),
        genres=frozenset().union(*(entry.genres for entry in entries)),
        people=frozenset().union(*(entry.people for entry in entries)),
        runtime_min=next((entry.runtime_min for entry in entries if entry.runtime_min is not None), None),
    )


class _Sorting:
    """The groups while they grow. Entries are named by their place in a sorted list."""

    def __init__(self, entries: Sequence[Entry], choices: Choices) -> None:
        self.entries = entries
        self._choices = choices
        self._group = [alone(entry, choices) for entry in entries]
        self._members = [[place] for place in range(len(entries))]
        self._at = list(range(len(entries)))
        self._links: list[tuple[int, Link]] = []
        self._kept_out: list[tuple[int, Link]] = []

    def by_choice(self) -> None:
        place = {entry.key: number for number, entry in enumerate(self.entries)}
        for one, other in self._choices.same:
            if one in place and other in place:
                a, b = place[one], place[other]
                if self._of(a).apart.isdisjoint(self._of(b).keys):
                    self._join(a, b, Why(True, "chosen", 1.0))

    def by_ids(self) -> None:
        having: dict[System, defaultdict[tuple[str, str], list[int]]]
        having = {system: defaultdict(list) for system in SYSTEMS}
        for place, entry in enumerate(self.entries):
            for system, id_ in entry.ids.items():
                having[system][entry.key[0], id_].append(place)
        for known in having.values():
            for places in known.values():
                if 1 < len(places) < COMMON:
                    for one, other in combinations(places, 2):
                        self._join_by_id(one, other)

    def _join_by_id(self, one: int, other: int) -> None:
        mine, theirs = self._of(one), self._of(other)
        if mine is theirs or not mine.apart.isdisjoint(theirs.keys):
            return
        why = decide_by_ids(self.entries[one], self.entries[other])
        if why is None:
            return
        if why.rule == "ids_disagree" or differ(mine.ids, theirs.ids):
            first, second = self.entries[one], self.entries[other]
            named = [compare(first, a, second, b) for a in first.names for b in second.names]
            best = max(named, key=lambda each: each.score, default=Why(False, "other_name", 0.0))
            why = settle(why, best)
        if why.same:
            self._join(one, other, why)

    def by_names(self, candidates: Iterable[Candidate]) -> None:
        """Joins what the names say, the best first. Among equals nobody is preferred."""
        found: list[tuple[float, int, int, Why]] = []
        for one, mine, other, theirs in candidates:
            if self._at[one] != self._at[other]:
                why = compare(self.entries[one], mine, self.entries[other], theirs)
                if why.same:
                    found.append((-why.score, one, other, why))
        found.sort(key=lambda each: each[:3])
        for _, equals in groupby(found, key=lambda each: each[0]):
            self._join_equals([(one, other, why) for _, one, other, why in equals])

    def _join_equals(self, edges: Sequence[tuple[int, int, Why]]) -> None:
        open_: list[tuple[int, int, Why]] = []
        beside: defaultdict[int, set[int]] = defaultdict(set)
        for one, other, why in edges:
            a, b = self._at[one], self._at[other]
            if a != b and not self._group[a].against(self._group[b]):
                open_.append((one, other, why))
                beside[a].add(b)
                beside[b].add(a)
        for place, others in beside.items():
            pairs = combinations(sorted(others), 2)
            if len(others) > 1 and any(self._group[a].against(self._group[b]) for a, b in pairs):
                self._group[place].doubtful = True
        for one, other, why in open_:
            mine, theirs = self._of(one), self._of(other)
            if mine.doubtful or theirs.doubtful:
                self._keep_out(one, other, why)
            elif mine is not theirs and not mine.against(theirs):
                self._join(one, other, why)

    def _of(self, place: int) -> Group:
        return self._group[self._at[place]]

    def _join(self, one: int, other: int, why: Why) -> None:
        into, gone = sorted((self._at[one], self._at[other]))
        if into == gone:
            return
        self._group[into] = self._group[into].with_(self._group[gone])
        for place in self._members[gone]:
            self._at[place] = into
        self._members[into] += self._members[gone]
        self._members[gone] = []
        self._links.append((one, Link(self.entries[one].key, self.entries[other].key, why)))

    def _keep_out(self, one: int, other: int, why: Why) -> None:
        why = replace(why, same=False, rule="several")
        link = Link(self.entries[one].key, self.entries[other].key, why)
        self._kept_out += [(one, link), (other, link)]

    def titles(self) -> dict[Key, Title]:
        links, kept_out = self._by_group(self._links), self._by_group(self._kept_out)
        found: dict[Key, Title] = {}
        for place, members in enumerate(self._members):
            if members:
                title = _title(self._group[place], links.get(place, ()), kept_out.get(place, ()))
                for key in title.keys:
                    found[key] = title
        return found

    def _by_group(self, links: Iterable[tuple[int, Link]]) -> dict[int, list[Link]]:
        found: defaultdict[int, list[Link]] = defaultdict(list)
        for place, link in links:
            found[self._at[place]].append(link)
        return dict(found)


def _title(group: Group, links: Sequence[Link], kept_out: Sequence[Link]) -> Title:
    """A title is called by its IMDb id where it has one: that stays when addons come and go."""
    keys = tuple(sorted(group.keys))
    imdb = min(group.ids.get("imdb", ()), default=None)
    return Title(imdb or keys[0][1], keys, tuple(links), tuple(kept_out))

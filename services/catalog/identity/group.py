"""What entries that were put together say as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.catalog.identity.choices import Choices
from services.catalog.identity.entry import Entry, Key
from services.catalog.identity.ids import System


@dataclass(slots=True)
class Group:
    """Entries put together so far, as far as others have to agree with them."""

    keys: frozenset[Key]
    apart: frozenset[Key]
    ids: Mapping[System, frozenset[str]]
    years: Mapping[int, int]
    doubtful: bool = False

    @property
    def year(self) -> int | None:
        """The one that most say."""
        return min(self.years, key=lambda year: (-self.years[year], year)) if self.years else None

    def with_(self, other: Group) -> Group:
        ids = dict(self.ids)
        for system, theirs in other.ids.items():
            ids[system] = ids.get(system, theirs) | theirs
        years = {
            year: self.years.get(year, 0) + other.years.get(year, 0) for year in {*self.years, *other.years}
        }
        return Group(self.keys | other.keys, self.apart | other.apart, ids, years)

    def against(self, other: Group) -> bool:
        """Whether the two can't be one title, whatever two of their entries say."""
        if not self.apart.isdisjoint(other.keys) or differ(self.ids, other.ids):
            return True
        mine, theirs = self.year, other.year
        return mine is not None and theirs is not None and abs(mine - theirs) > 1


def differ(mine: Mapping[System, frozenset[str]], theirs: Mapping[System, frozenset[str]]) -> bool:
    return any(system in theirs and ids.isdisjoint(theirs[system]) for system, ids in mine.items())


def alone(entry: Entry, choices: Choices) -> Group:
    """A year in brackets is the title's. One that just stands behind the name may be part of it."""
    year = (entry.names[0].year if entry.names else None) or entry.year
    return Group(
        frozenset((entry.key,)),
        choices.apart.get(entry.key, frozenset()),
        {system: frozenset((id_,)) for system, id_ in entry.ids.items()},
        {} if year is None else {year: 1},
    )

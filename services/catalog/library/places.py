"""The places of one page over several providers, each asked the way that costs it least."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from services.catalog.library.ways import sizes, way
from services.catalog.model import Owner
from services.catalog.store.library.scans import Place, Scan, ScanStore, has_unknown
from services.catalog.store.library.shelves import Shelf

COUNTED: Final = 3000
COUNTED_OF: Final = 50
"""One of so many rows, and not less than COUNTED, are looked at to see whether a date is a recent one: no
counts are kept of dates."""
SHARE_BEYOND: Final = 7
"""One of so many rows is taken to be newer than a date that more are newer than were looked at."""

_Read: TypeAlias = Callable[[Scan], Awaitable[list[Place]]]


@dataclass(frozen=True, slots=True)
class Reached:
    """A place, and whether the order knew a value of what is there."""

    place: Place
    known: bool


class Places:
    """Reads places in the order of a scan."""

    def __init__(self, scans: ScanStore) -> None:
        self._scans = scans

    async def read(self, scan: Scan, shelves: Mapping[int, Shelf]) -> list[Reached]:
        """Of every provider that has a shelf, as far as the scan's limit."""
        return await self._in_phases(scan, lambda each: self._of_all(each, shelves))

    async def favourites(self, owner: Owner, scan: Scan, providers: Sequence[int]) -> list[Reached]:
        async def among(scan: Scan) -> list[Place]:
            found = [
                place
                for number in providers
                for place in await self._scans.favourites(owner, replace(scan, provider=number))
            ]
            return _merged(found, scan)

        return await self._in_phases(scan, among)

    async def _in_phases(self, scan: Scan, read: _Read) -> list[Reached]:
        found = [Reached(place, scan.known) for place in await read(scan)]
        missing = scan.limit - len(found)
        if missing > 0 and scan.known and has_unknown(scan.order):
            rest = replace(scan, known=False, after=None, limit=missing)
            found += [Reached(place, False) for place in await read(rest)]
        return found

    async def _of_all(self, scan: Scan, shelves: Mapping[int, Shelf]) -> list[Place]:
        found: list[Place] = []
        for number, shelf in shelves.items():
            found += await self._of_one(replace(scan, provider=number), shelf)
        return _merged(found, scan)

    async def _of_one(self, scan: Scan, shelf: Shelf) -> list[Place]:
        category = shelf.categories.get(scan.filters.category or 0)
        found = [] if category is None or not category.others else await self._scans.members(scan)
        chosen = way(scan, shelf, sizes(scan, shelf, newer=await self._newer(scan, shelf)))
        if chosen.gathers:
            return found + await self._scans.gather(scan, chosen.narrowest)
        walked = await self._scans.walk(scan, most_rows=chosen.most_walked)
        if (
            len(walked) >= scan.limit
            or chosen.most_walked is None
            or not await self._scans.goes_on(scan, chosen.most_walked)
        ):
            return found + walked
        if chosen.narrowest is None:
            return found + await self._scans.walk(scan)
        return found + await self._scans.gather(scan, chosen.narrowest)

    async def _newer(self, scan: Scan, shelf: Shelf) -> int:
        """About how many are new enough, where that decides anything."""
        total = shelf.total(scan.kind)
        if total <= COUNTED or scan.filters.added_since is None or scan.order == "added":
            return total
        most = max(COUNTED, total // COUNTED_OF)
        seen = await self._scans.count_newer(scan, most)
        return seen if seen < most else max(most, total // SHARE_BEYOND)


def _merged(found: list[Place], scan: Scan) -> list[Place]:
    return sorted(found, key=lambda place: place.key, reverse=scan.descending)[: scan.limit]

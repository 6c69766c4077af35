"""Places of items in an order: the first step to a page of them.

There are two ways to the places of one provider. A walk goes along the order's index and leaves out what
the filters refuse; gathering takes what one filter has and sorts it. Each index carries what is filtered by,
so that neither visits the rows.
"""

# ruff: noqa: S608  # only fixed column names, bound names and whole numbers are put into statements

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from libs.common.db import Database, Value
from services.catalog.model import Owner
from services.catalog.store.rows import OWNED, bound

OrderName: TypeAlias = Literal["title", "added", "rating", "year"]
FilterName: TypeAlias = Literal["category", "genre", "language", "year", "rating", "added"]

_KNOWN: Final[Mapping[OrderName, tuple[str, ...]]] = MappingProxyType(
    {"title": ("sort",), "added": ("added",), "rating": ("rating",), "year": ("year", "sort")}
)
_UNKNOWN: Final[Mapping[OrderName, tuple[str, ...]]] = MappingProxyType({"rating": (), "year": ("sort",)})
"""The order of what has no value to be ordered by."""
PREFIXES: Final[Mapping[OrderName, tuple[FilterName, ...]]] = MappingProxyType(
    {"title": ("category", "year"), "added": ("category",), "rating": (), "year": ()}
)
"""Filters behind which an index goes on in the order; the first that is asked for counts."""
_BESIDE: Final[Mapping[FilterName, str]] = MappingProxyType(
    {
        "category": "category",
        "genre": "genres",
        "language": "language",
        "year": "year",
        "rating": "rating",
        "added": "added",
    }
)
"""Columns of filters: they stand beside every order in its index, and beside each other."""

SHOWN: Final = (
    f"(i.category NOT IN (SELECT category FROM library_hidden_categories WHERE {OWNED}) OR EXISTS"
    " (SELECT 1 FROM library_item_categories m WHERE m.item = i.id AND m.category NOT IN"
    f" (SELECT category FROM library_hidden_categories WHERE {OWNED})))"
)
"""An item is hidden where all of its categories are."""
_IN_CATEGORY: Final = (
    "(i.category = :category OR EXISTS (SELECT 1 FROM library_item_categories c"
    " WHERE c.item = i.id AND c.category = :category))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """All are met at once. `genre` is its bit's place, `rating_from` in tenths, `added_since` in seconds."""

    category: int | None = None
    genre: int | None = None
    language: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    rating_from: int | None = None
    added_since: int | None = None

    @property
    def year(self) -> int | None:
        return self.year_from if self.year_from == self.year_to else None

    @property
    def names(self) -> tuple[FilterName, ...]:
        asked: dict[FilterName, bool] = {
            "category": self.category is not None,
            "genre": self.genre is not None,
            "language": self.language is not None,
            "year": self.year_from is not None or self.year_to is not None,
            "rating": self.rating_from is not None,
            "added": self.added_since is not None,
        }
        return tuple(name for name, is_asked in asked.items() if is_asked)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is in an order. `values` are those of the order's columns."""

    values: tuple[str | int, ...]
    id: int

    @property
    def key(self) -> tuple[str | int, ...]:
        return (*self.values, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Items of one provider and kind in an order. Where `known` is false, those of which the order knows no
    value: they come after all others, whichever way it runs.

    `shown_to` leaves out what that owner hides.
    """

    provider: int
    kind: int
    order: OrderName
    descending: bool = False
    known: bool = True
    filters: Filters = field(default_factory=Filters)
    after: Place | None = None
    limit: int = 50
    shown_to: Owner | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (_KNOWN if self.known else _UNKNOWN)[self.order]

    @property
    def prefix(self) -> FilterName | None:
        """The filter that its walk begins behind."""
        asked = self.filters.names
        fitting = [name for name in PREFIXES[self.order] if name in asked]
        if not fitting or (fitting[0] == "year" and self.filters.year is None):
            return None
        return fitting[0]


def has_unknown(order: OrderName) -> bool:
    return order in _UNKNOWN


def visits(scan: Scan, by: FilterName | None) -> bool:
    """Whether gathering by that filter visits what the others leave: titles don't stand beside ratings and
    dates."""
    return by in ("rating", "added") and "sort" in scan.columns


class ScanStore:
    """Reads places. Providers' numbers have to be the asker's own."""

    def __init__(self, database: Database) -> None:
        self._db = database
        # SQLite takes no index of a column with a plus before it: it would walk where it is to gather.
        self._plus = "+" if database.dialect == "sqlite" else ""

    async def walk(self, scan: Scan, *, most_rows: int | None = None) -> list[Place]:
        """Along the order. With `most_rows`, only so many are looked at: there may be more than are found."""
        within, left = self._walked(scan)
        rest, ordered = [*left.values(), *_shown(scan)], _along(scan)
        if most_rows is None or not rest:
            return await self._places(
                f"SELECT {_place(scan)} FROM library_items i WHERE {' AND '.join([*within, *rest])}"
                f" ORDER BY {ordered} LIMIT {scan.limit}",
                scan,
            )
        # Both engines keep the order of what is inside, and stop there once there is enough. Nothing is asked
        # for that isn't beside the order: with one column more, every row would be visited.
        hidden = [] if scan.shown_to is None else ["category"]
        filtered = [_BESIDE[name] for name in left]
        carried = ", ".join(dict.fromkeys((*scan.columns, "id", *filtered, *hidden)))
        return await self._places(
            f"SELECT {_place(scan)} FROM (SELECT {carried}"
            f" FROM library_items WHERE {' AND '.join(within)} ORDER BY {ordered} LIMIT {most_rows}) i"
            f" WHERE {' AND '.join(rest)} LIMIT {scan.limit}",
            scan,
        )

    async def goes_on(self, scan: Scan, rows: int) -> bool:
        """Whether a walk has more than so many before it."""
        within, _ = self._walked(scan)
        more = await self._db.fetch_one(
            f"SELECT 1 AS one FROM library_items WHERE {' AND '.join(within)}"
            f" ORDER BY {_along(scan)} LIMIT 1 OFFSET {rows}",
            **_values(scan),
        )
        return more is not None

    async def gather(self, scan: Scan, by: FilterName | None) -> list[Place]:
        """All that the filter `by` has, sorted; without one, all there is."""
        placed = [*self._phase(scan, self._plus), *_after(scan, self._plus)]
        filtered = [_OF, *self._conditions(scan, tight={by}).values()]
        if self._db.dialect == "postgresql" and visits(scan, by):
            # It would visit every row that the index has, before it looks at what stands beside in the index.
            among = f"SELECT id FROM library_items WHERE {' AND '.join(filtered)}"
            filtered = [f"id = ANY(ARRAY({among}))"]
        parts = [*filtered, *placed, *_shown(scan)]
        return await self._sorted(f"FROM library_items i WHERE {' AND '.join(parts)}", scan)

    async def members(self, scan: Scan) -> list[Place]:
        """Those in a category that isn't their first."""
        conditions = self._conditions(scan, tight=set())
        del conditions["category"]
        parts = [_OF, *self._phase(scan), *_after(scan), *_shown(scan), *conditions.values()]
        return await self._sorted(
            "FROM library_item_categories c JOIN library_items i ON i.id = c.item"
            f" WHERE c.category = :category AND {' AND '.join(parts)}",
            scan,
        )

    async def favourites(self, owner: Owner, scan: Scan) -> list[Place]:
        """Those among the owner's favourites."""
        conditions = self._conditions(scan, tight=set())
        if "category" in conditions:
            conditions["category"] = _IN_CATEGORY
        parts = [_OF, *self._phase(scan), *_after(scan), *_shown(scan), *conditions.values()]
        return await self._sorted(
            "FROM library_favourites f JOIN library_items i ON i.id = f.item"
            f" WHERE {OWNED} AND {' AND '.join(parts)}",
            scan,
            owner,
        )

    async def count_newer(self, scan: Scan, most: int) -> int:
        """How many are as new as asked for, as far as `most`."""
        row = await self._db.fetch_one(
            "SELECT COUNT(*) AS items FROM (SELECT 1 AS one FROM library_items i"
            f" WHERE {_OF} AND added >= :added_since LIMIT {most}) counted",
            **_values(scan),
        )
        return 0 if row is None else int(row["items"])

    def _walked(self, scan: Scan) -> tuple[list[str], dict[FilterName, str]]:
        """What bounds a walk, and what is left for it to check."""
        tight: set[FilterName | OrderName | None] = {scan.prefix, scan.order}
        conditions = self._conditions(scan, tight=tight)
        within = [_OF, *self._phase(scan), *_after(scan)]
        within += [text for name, text in conditions.items() if name in tight]
        return within, {name: text for name, text in conditions.items() if name not in tight}

    def _conditions(self, scan: Scan, *, tight: set[FilterName | OrderName | None]) -> dict[FilterName, str]:
        """Of each filter; those not in `tight` are to be checked and not looked up."""
        filters = scan.filters
        made: dict[FilterName, str] = {}
        for name in filters.names:
            plus = "" if name in tight else self._plus
            match name:
                case "genre":
                    made[name] = "genres & :genre <> 0"
                case "year" if filters.year is not None:
                    made[name] = f"{plus}year = :year_from"
                case "year":
                    ends = (("from", ">=", filters.year_from), ("to", "<=", filters.year_to))
                    made[name] = " AND ".join(
                        f"{plus}year {sign} :year_{end}" for end, sign, year in ends if year is not None
                    )
                case "rating":
                    made[name] = f"{plus}rating >= :rating_from"
                case "added":
                    made[name] = f"{plus}added >= :added_since"
                case "category" | "language":
                    made[name] = f"{plus}{name} = :{name}"
        return made

    def _phase(self, scan: Scan, plus: str = "") -> list[str]:
        if not has_unknown(scan.order):
            return []
        return [f"{plus}{scan.order} IS {'NOT ' if scan.known else ''}NULL"]

    async def _sorted(self, found: str, scan: Scan, owner: Owner | None = None) -> list[Place]:
        return await self._places(
            f"WITH found AS MATERIALIZED (SELECT {_place(scan)} {found})"
            f" SELECT {_place(scan, '')} FROM found ORDER BY {_ordered(scan)} LIMIT {scan.limit}",
            scan,
            owner,
        )

    async def _places(self, sql: str, scan: Scan, owner: Owner | None = None) -> list[Place]:
        columns = scan.columns
        rows = await self._db.fetch_all(sql, **_values(scan, owner))
        return [Place(tuple(row[column] for column in columns), row["id"]) for row in rows]


_OF: Final = "provider = :provider AND kind = :kind"


def _values(scan: Scan, owner: Owner | None = None) -> dict[str, Value]:
    filters, whose = scan.filters, owner or scan.shown_to
    values: dict[str, Value] = {
        "provider": scan.provider,
        "kind": scan.kind,
        "category": filters.category,
        "genre": None if filters.genre is None else 1 << filters.genre,
        "language": filters.language,
        "year_from": filters.year_from,
        "year_to": filters.year_to,
        "rating_from": filters.rating_from,
        "added_since": filters.added_since,
    }
    if scan.after is not None:
        values |= {
            f"after_{column}": value for column, value in zip(scan.columns, scan.after.values, strict=True)
        }
        values["after_id"] = scan.after.id
    return values | (bound(whose) if whose is not None else {})


def _shown(scan: Scan) -> list[str]:
    return [] if scan.shown_to is None else [SHOWN]


def _after(scan: Scan, plus: str = "") -> list[str]:
    if scan.after is None:
        return []
    columns = (*scan.columns, "id")
    places = ", ".join(f":after_{column}" for column in columns)
    return [f"({plus}{', '.join(columns)}) {'<' if scan.descending else '>'} ({places})"]


def _place(scan: Scan, of: str = "i.") -> str:
    return ", ".join(f"{of}{column}" for column in (*scan.columns, "id"))


def _along(scan: Scan) -> str:
    return _ordered(scan, "provider", "kind", *([scan.prefix] if scan.prefix else []))


def _ordered(scan: Scan, *constants: str) -> str:
    """PostgreSQL takes an index for an order only where the order names its first columns too."""
    way = " DESC" if scan.descending else ""
    return ", ".join(f"{column}{way}" for column in (*constants, *scan.columns, "id"))

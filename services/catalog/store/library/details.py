"""What providers told of films and series beyond their lists, and when they are to be asked again."""

# ruff: noqa: S608  # only fixed texts of ours are put into statements

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from libs.common.contracts.library import ProviderKind
from libs.common.db import Database, Queries, Row
from services.catalog.library_model import NO_TITLE, Told
from services.catalog.model import Owner
from services.catalog.store.library.counts import Counts, CountStore
from services.catalog.store.rows import OWNED, bound

_ASKED: Final = "i.id, i.kind, i.panel_id, i.added, p.number, p.id AS provider, p.kind AS provider_kind"
_DUE: Final = (
    "library_items i LEFT JOIN library_details d ON d.item = i.id WHERE i.provider = :number"
    " AND i.kind = :kind AND (d.item IS NULL OR d.next_at <= :now"
    " OR (i.kind = 3 AND d.failures = 0 AND d.modified <> i.added))"
)
"""A series' `added` is when it last changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question is about: an item of the account `provider`, whose rows have `number`."""

    item: int
    kind: int
    panel_id: int
    added: int
    number: int
    provider: str
    provider_kind: ProviderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Times are epoch milliseconds; `fetched_at` 0 where nothing was ever told. `failures` are in a row."""

    told: Told
    fetched_at: int
    next_at: int
    modified: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What of the details belongs to the item itself, where its list is silent."""

    year: int | None = None
    tmdb: int | None = None
    imdb: int | None = None


class DetailStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._counts = CountStore(database)

    async def asked(self, owner: Owner, item: int, kind: int) -> Asked | None:
        """None for what is not among what the owner has."""
        row = await self._db.fetch_one(
            f"SELECT {_ASKED} FROM library_items i JOIN library_providers p ON p.number = i.provider"
            f" WHERE i.id = :item AND i.kind = :kind AND {OWNED}",
            **bound(owner),
            item=item,
            kind=kind,
        )
        return None if row is None else _asked(row)

    async def held(self, item: int) -> Held | None:
        row = await self._db.fetch_one(
            "SELECT body, fetched_at, next_at, modified, failures FROM library_details WHERE item = :item",
            item=item,
        )
        if row is None:
            return None
        return Held(
            told=msgspec.json.decode(row["body"], type=Told) if row["body"] else Told(),
            fetched_at=row["fetched_at"],
            next_at=row["next_at"],
            modified=row["modified"],
            failures=row["failures"],
        )

    async def due(self, number: int, kind: int, *, now: int, limit: int) -> list[Asked]:
        """Those to be asked about next, the newest first."""
        rows = await self._db.fetch_all(
            f"SELECT {_ASKED} FROM library_providers p JOIN (SELECT i.* FROM {_DUE} ORDER BY i.added DESC,"
            " i.id DESC LIMIT :limit) i ON p.number = i.provider ORDER BY i.added DESC, i.id DESC",
            number=number,
            kind=kind,
            now=now,
            limit=limit,
        )
        return [_asked(row) for row in rows]

    async def left(self, number: int, kind: int, *, now: int) -> int:
        row = await self._db.fetch_one(
            f"SELECT count(*) AS items FROM {_DUE}", number=number, kind=kind, now=now
        )
        return 0 if row is None else int(row["items"])

    async def fail(self, asked: Asked, *, next_at: int) -> None:
        """What was told before stays."""
        await self._db.execute(
            "INSERT INTO library_details (item, provider, fetched_at, next_at, modified, failures, body)"
            " SELECT i.id, i.provider, 0, CAST(:next_at AS BIGINT), i.added, 1, '' FROM library_items i"
            " WHERE i.id = :item AND i.provider = :number"
            " ON CONFLICT (item) DO UPDATE SET next_at = excluded.next_at,"
            " failures = library_details.failures + 1",
            item=asked.item,
            number=asked.number,
            next_at=next_at,
        )

    async def put(self, tx: Queries, asked: Asked, told: Told, *, at: int, next_at: int) -> None:
        await tx.execute(
            "INSERT INTO library_details (item, provider, fetched_at, next_at, modified, failures, body)"
            " VALUES (:item, :number, :at, :next_at, :modified, 0, :body)"
            " ON CONFLICT (item) DO UPDATE SET fetched_at = excluded.fetched_at,"
            " next_at = excluded.next_at, modified = excluded.modified, failures = 0, body = excluded.body",
            item=asked.item,
            number=asked.number,
            at=at,
            next_at=next_at,
            modified=asked.added,
            body=msgspec.json.encode(told).decode(),
        )
        if told.original_name:
            # By that name its title may be found.
            await tx.execute(
                "UPDATE library_items SET match_rule = '' WHERE id = :item AND match_rule IN"
                f" ({', '.join(repr(rule) for rule in NO_TITLE)})",
                item=asked.item,
            )

    async def supplement(self, tx: Queries, asked: Asked, facts: Facts) -> None:
        """Writes what the list left open into the item, which is then matched anew."""
        row = await tx.fetch_one(
            "SELECT year, tmdb, imdb FROM library_items WHERE id = :item AND provider = :number",
            item=asked.item,
            number=asked.number,
        )
        if row is None:
            return
        before = Facts(year=row["year"], tmdb=row["tmdb"], imdb=row["imdb"])
        after = Facts(
            year=facts.year if before.year is None else before.year,
            tmdb=facts.tmdb if before.tmdb is None else before.tmdb,
            imdb=facts.imdb if before.imdb is None else before.imdb,
        )
        if after == before:
            return
        if after.year is not None and before.year is None:
            counts = Counts()
            counts.facets["year", after.year] += 1
            await self._counts.add(tx, asked.number, asked.kind, counts)
        await tx.execute(
            "UPDATE library_items SET year = :year, tmdb = :tmdb, imdb = :imdb,"
            " match_rule = CASE WHEN match_rule = 'chosen' THEN match_rule ELSE '' END WHERE id = :item",
            item=asked.item,
            year=after.year,
            tmdb=after.tmdb,
            imdb=after.imdb,
        )


async def still_there(tx: Queries, asked: Asked) -> bool:
    """To begin a change of the item with: false where it, or its account, is gone, or is another's now."""
    held = await tx.execute(
        "UPDATE library_providers SET revision = revision + 1 WHERE number = :number", number=asked.number
    )
    if not held:
        return False
    row = await tx.fetch_one(
        "SELECT id FROM library_items WHERE id = :item AND provider = :number AND panel_id = :panel_id",
        item=asked.item,
        number=asked.number,
        panel_id=asked.panel_id,
    )
    return row is not None


def _asked(row: Row) -> Asked:
    return Asked(
        item=row["id"],
        kind=row["kind"],
        panel_id=row["panel_id"],
        added=row["added"],
        number=row["number"],
        provider=row["provider"],
        provider_kind=row["provider_kind"],
    )

"""Runs that hand over small libraries, and what stands there afterwards."""

from __future__ import annotations

import array
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.handover import (
    CategoryRow,
    CategoryRows,
    EpisodeRow,
    GoneCounts,
    HandoverCounts,
    ItemRow,
    ProgrammeRow,
    RowKind,
    RunFinished,
    unpacked,
)
from libs.common.db import Database
from libs.common.secrets import SecretBox, SecretKey
from libs.common.tasks import Tasks
from libs.titles.folding import fold
from services.catalog.library.taking import taking_of
from services.catalog.store.library.counts import Counts
from services.catalog.store.library.words import LONGEST

BOX = SecretBox(SecretKey(b"k" * 40))
P = "provider"


def item(number: int, title: str = "", **told: Any) -> ItemRow:
    """As a reader makes it: its hash is of all that is said."""
    title = title or f"Title {number}"
    row = ItemRow(
        panel_id=number,
        hash=0,
        name=told.pop("name", title),
        title=title,
        sort=fold(title),
        year=None,
        rating=None,
        added=0,
        categories=(),
        language="",
        genres=(),
        tmdb=None,
        imdb=None,
        guide_id="",
        icon="",
        extension="",
        words=fold(title),
        more="",
    )
    row = msgspec.structs.replace(row, **told)
    return msgspec.structs.replace(row, hash=told.get("hash", hash((row, "said")) >> 1))


def programme(guide_id: str, start: int, stop: int, title: str = "News") -> ProgrammeRow:
    hash_ = hash((guide_id, start, stop, title)) >> 1
    return ProgrammeRow(guide_id, start, stop, hash_, title, fold(title), "", "", "", "", None, None)


def episode(number: int, series: int, title: str = "", url: str = "http://panel.example/e") -> EpisodeRow:
    return EpisodeRow(
        number, hash((number, series, title, url)) >> 1, series, 1, number, title, 0, "mkv", "", url
    )


class Runs:
    """One provider of one database, and the runs that write of it."""

    def __init__(self, database: Database, clock: Clock, number: int, *, max_removed: float) -> None:
        self.database = database
        self.number = number
        self.parts = taking_of(database, BOX, clock, tasks=Tasks(), max_removed=max_removed)
        self.taking = self.parts.taking

    @classmethod
    async def of(cls, database: Database, clock: Clock, *, id_: str = P, max_removed: float = 0.3) -> Runs:
        row = await database.fetch_one(
            "INSERT INTO library_providers (id, account_id, profile_id, kind, name, sealed, address_hash,"
            " created_at) VALUES (:id, 'account', 'profile', 'xtream', :id, :sealed, :id, 1)"
            " RETURNING number",
            id=id_,
            sealed=b"sealed",
        )
        assert row is not None
        return cls(database, clock, row["number"], max_removed=max_removed)

    async def rows(
        self, kind: RowKind, run: str, *lines: Sequence[msgspec.Struct], id_: str = P
    ) -> HandoverCounts:
        return await self.taking.rows(id_, kind, run, encoded(lines))

    async def held(self, kind: RowKind, id_: str = P) -> set[int]:
        body = b"".join([piece async for piece in self.taking.hashes(id_, kind)])
        return set(unpacked(body))

    async def run(
        self, kind: RowKind, rows: Sequence[Any], *, run: str, finish: bool = True
    ) -> tuple[HandoverCounts, GoneCounts]:
        """What a run does about one kind: only what is unknown travels."""
        await self.taking.begin(P, run)
        known = await self.held(kind)
        counts = await self.rows(kind, run, [row for row in rows if row.hash not in known])
        gone = array.array("q", known - {row.hash for row in rows})
        removed = await self.taking.remove_gone(P, kind, run, gone)
        if finish:
            await self.finish(run)
        return counts, removed

    async def finish(self, run: str, *, has_guide: bool = False) -> None:
        await self.taking.finish(P, run, RunFinished(is_whole=True, has_guide=has_guide))

    async def categories(
        self, kind: Any, run: str, *names: str, first: int = 0, is_last: bool = True
    ) -> GoneCounts:
        rows = tuple(CategoryRow(name, name.upper()) for name in names)
        return await self.taking.put_categories(P, kind, run, CategoryRows(rows, first, is_last))

    async def stored(self, *columns: str, table: str = "library_items") -> list[tuple[Any, ...]]:
        rows = await self.database.fetch_all(
            f"SELECT {', '.join(columns)} FROM {table} WHERE provider = :number ORDER BY 1, 2",
            number=self.number,
        )
        return [tuple(row) for row in rows]

    async def ids(self) -> dict[int, int]:
        """Own ids by the panel's."""
        return dict(await self.stored("panel_id", "id"))

    async def found(self, word: str) -> set[int]:
        """Own ids of what has that word."""
        if self.database.dialect == "sqlite":
            rows = await self.database.fetch_all(
                "SELECT rowid AS id FROM library_postings WHERE library_postings MATCH :word",
                word=f'"{word}"',
            )
        else:
            rows = await self.database.fetch_all(
                "SELECT id FROM library_items WHERE array_to_tsvector(string_to_array(words, ' '))"
                " @@ CAST(CAST(:word AS TEXT) AS tsquery)",
                word=f"'{word}'",
            )
        return {row["id"] for row in rows}

    async def is_sound(self) -> None:
        """Everything that is kept beside the rows says what the rows say."""
        if self.database.dialect == "sqlite":
            await self.database.execute(
                "INSERT INTO library_postings (library_postings, rank) VALUES ('integrity-check', 1)"
            )
        for kind in (1, 2, 3):
            await self._is_counted(kind)
        words = await self.database.fetch_all("SELECT word FROM library_words")
        said = {
            word
            for (_, said) in await self.stored("id", "words")
            for word in said.split()
            if len(word) <= LONGEST
        }
        assert said <= {row["word"] for row in words}

    async def _is_counted(self, kind: int) -> None:
        wanted = Counts()
        picked = "year, rating, category, language, genres"
        rows = await self.database.fetch_all(
            f"SELECT {picked} FROM library_items WHERE provider = :number AND kind = :kind",
            number=self.number,
            kind=kind,
        )
        wanted.add([tuple(row) for row in rows], 1)
        facets = await self.database.fetch_all(
            "SELECT facet, value, items FROM library_facets WHERE provider = :number AND kind = :kind",
            number=self.number,
            kind=kind,
        )
        assert {(row["facet"], row["value"]): row["items"] for row in facets} == dict(wanted.facets)
        categories = await self.database.fetch_all(
            "SELECT c.id, c.items, c.others, (SELECT count(*) FROM library_item_categories i"
            " WHERE i.category = c.id) AS besides FROM library_categories c"
            " WHERE c.provider = :number AND c.kind = :kind",
            number=self.number,
            kind=kind,
        )
        counted = {row["id"]: row["items"] for row in categories if row["items"]}
        assert counted == {id_: items for id_, items in wanted.categories.items() if items}
        assert all(row["others"] == row["besides"] for row in categories)


async def encoded(lines: Iterable[Sequence[msgspec.Struct]]) -> AsyncIterator[bytes]:
    for line in lines:
        yield msgspec.json.encode(list(line))

"""What a hub's tables of the library hold, and whether they contradict each other."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import asyncpg

from libs.titles.folding import LEAST_LETTERS, edits
from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import Kind
from tests.harness.hub import Hub

KINDS: Final = MappingProxyType[Kind, int]({"live": 1, "vod": 2, "series": 3})
_THERE: Final = "provider IN (SELECT number FROM library_providers)"
_COUNTED: Final = f"""
SELECT * FROM (SELECT provider, kind, 'all' AS facet, CAST(0 AS BIGINT) AS value, COUNT(*) AS items
FROM library_items WHERE {_THERE} GROUP BY provider, kind
UNION ALL SELECT provider, kind, 'year', year, COUNT(*)
FROM library_items WHERE {_THERE} AND year <> 0 GROUP BY provider, kind, year
UNION ALL SELECT provider, kind, 'language', language, COUNT(*)
FROM library_items WHERE {_THERE} AND language <> 0 GROUP BY provider, kind, language
UNION ALL SELECT provider, kind, 'rating', rating / 10, COUNT(*)
FROM library_items WHERE {_THERE} AND rating IS NOT NULL GROUP BY provider, kind, rating / 10
UNION ALL SELECT i.provider, i.kind, 'genre', t.value, COUNT(*) FROM library_items i
JOIN library_terms t ON t.facet = 'genre' AND (i.genres >> CAST(t.value AS INTEGER)) & 1 = 1
WHERE i.{_THERE} GROUP BY i.provider, i.kind, t.value) counted
"""
_TOLD: Final = f"SELECT provider, kind, facet, value, items FROM library_facets WHERE {_THERE}"
_NEITHER: Final = "NOT IN (SELECT number FROM library_providers UNION ALL SELECT number FROM library_removed)"


def _hangs(table: str, column: str, on: str) -> str:
    return f"SELECT COUNT(*) FROM {table} WHERE {column} NOT IN (SELECT id FROM {on})"


_WRONG: Final = MappingProxyType(
    {
        "items that are there twice": "SELECT COUNT(*) - COUNT(DISTINCT"
        " provider || '/' || kind || '/' || panel_id) FROM library_items",
        "counts that are told and not true": f"SELECT COUNT(*) FROM ({_TOLD} EXCEPT {_COUNTED}) wrong",
        "counts that are true and not told": f"SELECT COUNT(*) FROM ({_COUNTED} EXCEPT {_TOLD}) wrong",
        "categories whose items are counted wrong": "SELECT COUNT(*) FROM library_categories c"
        f" WHERE c.{_THERE} AND (c.items <> (SELECT COUNT(*) FROM library_items i WHERE i.category = c.id)"
        " OR c.others <> (SELECT COUNT(*) FROM library_item_categories o WHERE o.category = c.id))",
        "items of no category": "SELECT COUNT(*) FROM library_items WHERE category <> 0"
        f" AND {_THERE} AND category NOT IN (SELECT id FROM library_categories)",
        "further categories of no item": _hangs("library_item_categories", "item", "library_items"),
        "further categories that are gone": _hangs(
            "library_item_categories", "category", "library_categories"
        ),
        "details of no item": _hangs("library_details", "item", "library_items"),
        "seasons of no series": _hangs("library_seasons", "series", "library_items"),
        "episodes of no series": _hangs("library_episodes", "series", "library_items"),
        "favourites of no item": _hangs("library_favourites", "item", "library_items"),
        **{
            f"{table} of no account": f"SELECT COUNT(*) FROM library_{table} WHERE provider {_NEITHER}"
            for table in ("items", "categories", "facets", "episodes", "programmes", "changes")
        },
    }
)


@dataclass(frozen=True, slots=True)
class Held:
    """All of one moment. `panel_ids` are what the panel calls items, by kind; `wrong` is for people."""

    ids: dict[Kind, set[int]]
    panel_ids: dict[Kind, set[int]]
    guided: set[str]
    removing: int
    wrong: tuple[str, ...]


async def held(hub: Hub) -> Held:
    if url := hub.environment.get("HEADGATE_DATABASE_URL"):
        return await _in_postgresql(url)
    return _in_sqlite(hub.data_dir / "catalog.db")


def missing(held: Held, *, before: Library | None, now: Library) -> list[str]:
    """What was there before and still is at the panel, and isn't held; what is held and never was there."""
    found = []
    for kind in KINDS:
        old, new = (_panel_ids(each, kind) if each else set() for each in (before, now))
        if lost := (old & new) - held.panel_ids[kind]:
            found.append(f"{len(lost)} of {kind} are lost")
        if strange := held.panel_ids[kind] - (old | new):
            found.append(f"{len(strange)} of {kind} are nobody's")
    return found


def differing(held: Held, now: Library) -> list[str]:
    """Where what is held isn't what the panel has."""
    ids = {kind: _panel_ids(now, kind) for kind in KINDS}
    return [
        f"{len(ids[kind] - held.panel_ids[kind])} of {kind} missing,"
        f" {len(held.panel_ids[kind] - ids[kind])} too many"
        for kind in KINDS
        if ids[kind] != held.panel_ids[kind]
    ]


def _panel_ids(library: Library, kind: Kind) -> set[int]:
    return {
        library.id_of(kind, index)
        for index in range(library.size(kind))
        if library.touched(kind, index) is not None
    }


def _in_sqlite(path: Path) -> Held:
    with tempfile.TemporaryDirectory() as folder:
        copy = sqlite3.connect(Path(folder) / "copy.db")
        source = sqlite3.connect(path)
        try:
            source.backup(copy)
            wrong = [
                f"{count} {what}"
                for what, query in _WRONG.items()
                if (count := copy.execute(query).fetchone()[0])
            ]
            if (told := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                wrong.append(f"the file: {told}")
            try:
                copy.execute(
                    "INSERT INTO library_postings (library_postings, rank) VALUES ('integrity-check', 1)"
                )
            except sqlite3.DatabaseError as error:
                wrong.append(f"the search index: {error}")
            return _held([copy.execute(query).fetchall() for query in _READ], wrong)
        finally:
            source.close()
            copy.close()


async def _in_postgresql(url: str) -> Held:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SET LOCAL search_path TO catalog")
            wrong = [
                f"{count} {what}"
                for what, query in _WRONG.items()
                if (count := await connection.fetchval(query))
            ]
            return _held([[tuple(row) for row in await connection.fetch(query)] for query in _READ], wrong)
    finally:
        await connection.close()


_READ: Final = (
    f"SELECT kind, id, panel_id, words FROM library_items WHERE {_THERE}",
    "SELECT word FROM library_words",
    "SELECT DISTINCT word FROM library_edits",
    f"SELECT DISTINCT guide_id FROM library_programmes WHERE {_THERE}",
    "SELECT COUNT(*) FROM library_removed",
)


def _held(read: Sequence[Sequence[tuple[Any, ...]]], wrong: list[str]) -> Held:
    items, words, edited, guided, removing = read
    needed = {word for *_, text in items for word in text.split()}
    kept = {word for (word,) in words}
    long = {word for word in needed & kept if len(word) >= LEAST_LETTERS and edits(word)}
    for what, without in (("words", needed - kept), ("words' edits", long - {word for (word,) in edited})):
        if without:
            wrong.append(f"{len(without)} {what} that no search corrects, {min(without)!r} one of them")
    per_kind = Counter(row[0] for row in items)
    found = {kind: [row for row in items if row[0] == number] for kind, number in KINDS.items()}
    if sum(per_kind.values()) != sum(len(rows) for rows in found.values()):
        wrong.append("items of no kind")
    return Held(
        ids={kind: {row[1] for row in rows} for kind, rows in found.items()},
        panel_ids={kind: {row[2] for row in rows} for kind, rows in found.items()},
        guided={guide_id for (guide_id,) in guided},
        removing=removing[0][0],
        wrong=tuple(wrong),
    )

"""The words of programmes' titles: each title that a guide has once, however often it is shown."""

# ruff: noqa: S608  # only each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from libs.common.db import Dialect, Queries
from services.catalog.store.library import many

MOST_WORDS: Final = 12
"""Of a title: nobody types more."""
LONGEST: Final = 60
"""Letters of a word that is kept."""


async def add(tx: Queries, dialect: Dialect, number: int, titles: Iterable[str]) -> None:
    """Folded titles that programmes of the provider have."""
    if pairs := _pairs(titles):
        await tx.execute(
            "INSERT INTO library_programme_words (provider, word, sort)"
            f" SELECT CAST(:number AS INTEGER), word, sort FROM {_given(dialect)} AS given WHERE TRUE"
            " ON CONFLICT DO NOTHING",
            number=number,
            pairs=many.encoded(pairs),
        )


async def forget(tx: Queries, dialect: Dialect, number: int, titles: Iterable[str]) -> None:
    """Those of `titles` that no programme of the provider has any more."""
    if pairs := _pairs(await _gone(tx, dialect, number, titles)):
        found = f"(word, sort) IN (SELECT word, sort FROM {_given(dialect)} AS given)"
        if dialect == "postgresql":
            # Asked for one by one: see many.by_panel_id.
            found = (
                f"ctid = ANY(ARRAY(SELECT found.ctid FROM {_given(dialect)} AS given, LATERAL"
                " (SELECT ctid FROM library_programme_words w WHERE w.provider = :number"
                " AND w.word = given.word AND w.sort = given.sort"
                " ORDER BY w.provider, w.word, w.sort LIMIT 1) AS found))"
            )
        await tx.execute(
            f"DELETE FROM library_programme_words WHERE provider = :number AND {found}",
            number=number,
            pairs=many.encoded(pairs),
        )


async def _gone(tx: Queries, dialect: Dialect, number: int, titles: Iterable[str]) -> list[str]:
    same = "p.provider = :number AND p.sort = given.sort"
    given = f"{many.rows(dialect, 'titles', sort='text')} AS given"
    rows = await tx.fetch_all(
        f"SELECT given.sort FROM {given} WHERE NOT EXISTS (SELECT 1 FROM library_programmes p WHERE {same})"
        if dialect == "sqlite"
        else f"SELECT given.sort FROM {given} LEFT JOIN LATERAL (SELECT sort FROM library_programmes p"
        f" WHERE {same} ORDER BY p.provider, p.sort, p.start LIMIT 1) AS p ON TRUE WHERE p.sort IS NULL",
        number=number,
        titles=many.encoded((title,) for title in sorted(set(titles))),
    )
    return [row["sort"] for row in rows]


def _given(dialect: Dialect) -> str:
    return many.rows(dialect, "pairs", word="text", sort="text")


def _pairs(titles: Iterable[str]) -> list[tuple[str, str]]:
    """In an order that suits the index."""
    return sorted(
        {
            (word, title)
            for title in set(titles)
            for word in title.split()[:MOST_WORDS]
            if len(word) <= LONGEST
        }
    )

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
    if pairs := _pairs(titles):
        await tx.execute(
            "DELETE FROM library_programme_words WHERE provider = :number"
            f" AND (word, sort) IN (SELECT word, sort FROM {_given(dialect)} AS given) AND NOT EXISTS"
            " (SELECT 1 FROM library_programmes p WHERE p.provider = library_programme_words.provider"
            " AND p.sort = library_programme_words.sort)",
            number=number,
            pairs=many.encoded(pairs),
        )


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

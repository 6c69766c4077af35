"""The words of all titles, and what is left of each when one letter is wrong.

Words are shared by everybody's items and only ever added: one without items finds nothing. Upkeep counts
them again.
"""

# ruff: noqa: S608  # only each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Mapping, Sequence

from libs.common.db import Database, Queries
from libs.titles.folding import LEAST_LETTERS, edits
from services.catalog.store.library import many

LONGEST = 60
"""Letters of a word that is kept; nobody types more."""
STEP_WORDS = 5000


class WordStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, counts: Mapping[str, int], *, tx: Queries | None = None) -> None:
        """In the same order by everybody, so that two never wait for each other."""
        words = sorted(word for word in counts if len(word) <= LONGEST)
        for start in range(0, len(words), STEP_WORDS):
            step = words[start : start + STEP_WORDS]
            if tx is not None:
                await self._add(tx, step, counts)
                continue
            async with self._db.transaction() as own:
                await self._add(own, step, counts)

    async def _add(self, tx: Queries, words: Sequence[str], counts: Mapping[str, int]) -> None:
        dialect = self._db.dialect
        found = await tx.fetch_all(
            "SELECT word FROM library_words WHERE"
            f" {many.one_of(dialect, 'word', many.texts(dialect, 'words'))}",
            words=many.encoded(words),
        )
        known = {row["word"] for row in found}
        new = [word for word in words if len(word) >= LEAST_LETTERS and word not in known]
        await tx.execute(
            "INSERT INTO library_words (word, items) SELECT word, items"
            f" FROM {many.rows(dialect, 'counts', word='text', items='number')} AS given WHERE TRUE"
            " ON CONFLICT (word) DO UPDATE SET items = library_words.items + excluded.items",
            counts=many.encoded((word, counts[word]) for word in words),
        )
        if new:
            pairs = sorted((edit, word) for word in new for edit in edits(word))
            await tx.execute(
                "INSERT INTO library_edits (edit, word) SELECT edit, word"
                f" FROM {many.rows(dialect, 'pairs', edit='text', word='text')} AS given WHERE TRUE"
                " ON CONFLICT DO NOTHING",
                pairs=many.encoded(pairs),
            )

    async def page(self, *, after: str, limit: int = STEP_WORDS) -> list[tuple[str, int]]:
        """Words in order with how many items they are counted in."""
        rows = await self._db.fetch_all(
            "SELECT word, items FROM library_words WHERE word > :after ORDER BY word LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [(row["word"], row["items"]) for row in rows]

    async def recount(self, counted: Sequence[tuple[str, int, int]]) -> None:
        """Words, what they were counted as, and what they are. One that changed meanwhile stays as it is;
        one without items goes."""
        dialect = self._db.dialect
        wrong = [one for one in counted if one[1] != one[2]]
        gone = [word for word, _, items in counted if not items]
        given = many.rows(dialect, "wrong", word="text", was="number", items="number")
        async with self._db.transaction() as tx:
            if wrong:
                await tx.execute(
                    f"UPDATE library_words SET items = given.items FROM {given} AS given"
                    " WHERE library_words.word = given.word AND library_words.items = given.was",
                    wrong=many.encoded(wrong),
                )
            if gone:
                removed = await tx.fetch_all(
                    "DELETE FROM library_words WHERE items = 0 AND"
                    f" {many.one_of(dialect, 'word', many.texts(dialect, 'gone'))} RETURNING word",
                    gone=many.encoded(gone),
                )
                pairs = [(edit, row["word"]) for row in removed for edit in sorted(edits(row["word"]))]
                await tx.execute(
                    "DELETE FROM library_edits WHERE (edit, word) IN (SELECT edit, word"
                    f" FROM {many.rows(dialect, 'pairs', edit='text', word='text')} AS given)",
                    pairs=many.encoded(pairs),
                )

"""How many films and series of a made-up provider are found, and how many of those are right."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure
from benchmarks.matching.panels import PANELS, Listed, Made, made
from benchmarks.titles.truth import Half
from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from libs.titles.decoration import undecorated
from libs.titles.folding import fold
from services.catalog.library_model import OPEN_RULES
from services.catalog.matching.named import TitleNames
from services.catalog.matching.run import Matching
from services.catalog.store.imdb_names import ImdbNameStore
from services.catalog.store.library.matches import MatchStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.match_choices import MatchChoiceStore

ROWS: Final = 12_000
SEED: Final = int(os.environ.get("MATCHING_SEED", "46"))
"""None that the rules were tuned by."""
HALF: Final[Half] = "held out"
KINDS: Final = {"movie": (2, "movie"), "series": (3, "tvSeries")}
RUN: Final = "run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of rows: found and right, found and wrong, and those whose title was there and was not found."""

    right: int
    wrong: int
    missed: int
    abstained: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    def __str__(self) -> str:
        return f"{self.precision:.4f} of {self.right + self.wrong:,} right, {self.recall:.4f} found"


@dataclass(frozen=True, slots=True)
class Answer:
    row: Listed
    imdb: int | None
    rule: str


def measure() -> list[Figure]:
    world = made(HALF, rows=ROWS, seed=SEED)
    answers, took_s = asyncio.run(matched(world))
    every = verdict(answers)
    dated = verdict(answer for answer in answers if answer.row.says_year)
    undated = verdict(answer for answer in answers if not answer.row.says_year)
    for panel in PANELS:
        print(panel.name, verdict(answer for answer in answers if answer.row.panel == panel.name))
    print("wrong", Counter(answer.rule for answer in answers if _is_wrong(answer)).most_common())
    print("without a title", Counter(answer.rule for answer in answers if answer.imdb is None).most_common())
    note = (
        f"{len(answers):,} made-up rows, held-out half, among {len(world.titles):,} titles;"
        f" with a year {dated}; without {undated}; {every.abstained:,} in doubt and left"
    )
    return [
        Figure("films and series matched, precision", every.precision, "", "at least", 0.99, note),
        Figure("films and series matched, recall", every.recall, "", "at least", 0.93, "as above"),
        Figure(
            "150 000 rows matched",
            took_s / len(answers) * 150_000,
            "s",
            "at most",
            60,
            f"by the processor, SQLite, from {took_s:.1f} s for {len(answers):,}",
        ),
    ]


def verdict(answers: Iterable[Answer]) -> Verdict:
    right = wrong = missed = abstained = 0
    for answer in answers:
        right += answer.imdb is not None and answer.imdb == answer.row.truth
        wrong += _is_wrong(answer)
        missed += answer.row.truth is not None and answer.imdb != answer.row.truth
        abstained += answer.imdb is None and answer.rule != "none"
    return Verdict(right, wrong, missed, abstained)


def _is_wrong(answer: Answer) -> bool:
    return answer.imdb is not None and answer.imdb != answer.row.truth


async def matched(world: Made) -> tuple[list[Answer], float]:
    """What the hub makes of the rows, in its own tables, and how long the processor took for it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'catalog.db'}"
        await upgrade(url, service="catalog")
        database = await open_database(url, schema="catalog", clock=SystemClock())
        try:
            await _fill(database, world)
            began = time.process_time()
            await _match(database)
            took_s = time.process_time() - began
            rows = await database.fetch_all("SELECT match_imdb, match_rule FROM library_items ORDER BY id")
        finally:
            await database.aclose()
    answers = [
        Answer(listed, row["match_imdb"], row["match_rule"])
        for listed, row in zip(world.rows, rows, strict=True)
    ]
    if any(answer.rule in OPEN_RULES for answer in answers):
        raise RuntimeError("rows were left open")
    return answers, took_s


async def _match(database: Database) -> None:
    providers = ProviderStore(database)
    provider = await providers.get("provider")
    if provider is None:
        raise RuntimeError("the provider is gone")
    matching = Matching(
        database, MatchStore(database), ImdbNameStore(database), MatchChoiceStore(database), providers
    )
    while (await matching.step(provider, RUN)).left:
        pass


async def _fill(database: Database, world: Made) -> None:
    await database.insert_rows(
        "imdb_titles",
        ("id", "type", "name", "original_name", "year", "genres", "adult"),
        [
            (one.number, KINDS[one.kind][1], one.name, _original(one.others), one.year, "", False)
            for one in world.titles
        ],
    )
    await database.insert_rows(
        "imdb_ratings",
        ("id", "tenths", "votes"),
        [(one.number, 60, world.votes[one.number]) for one in world.titles],
    )
    for name in ("titles", "ratings"):
        await database.insert_rows(
            "imdb_sets",
            ("name", "etag", "rows", "imported_at", "staging", "staged_rows"),
            [(name, "", 0, 1, "", 0)],
        )
    await database.execute(
        "INSERT INTO library_providers (id, account_id, profile_id, kind, sealed, address_hash, created_at,"
        " run) VALUES ('provider', 'account', 'profile', 'xtream', :sealed, '', 0, :run)",
        sealed=b"",
        run=RUN,
    )
    names = TitleNames(ImdbNameStore(database), SystemClock())
    while await names.step():
        pass
    await database.insert_rows(
        "library_items", _COLUMNS, [_item(at, row) for at, row in enumerate(world.rows, 1)]
    )


def _original(others: tuple[str, ...]) -> str:
    """IMDb's titles have one other name; the rest is in a data set that is not imported unless asked for."""
    return others[0] if others else ""


_COLUMNS: Final = (
    "id", "provider", "kind", "panel_id", "hash", "name", "title", "sort", "year", "added", "category",
    "language", "genres", "tmdb", "words", "more",
)  # fmt: skip


def _item(at: int, row: Listed) -> tuple[int | str | None, ...]:
    """As sync makes it of what the panel says."""
    told = undecorated(row.name)
    year = row.year or told.year
    kind = KINDS[row.kind][0]
    return at, 1, kind, at, at, row.name, told.text, fold(told.text), year, 0, 0, 0, 0, row.tmdb, "", ""

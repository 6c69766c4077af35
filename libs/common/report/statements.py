"""How long each statement takes, by the text that the program has for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from libs.common.reports import StatementReport

SLOW_S: Final = 0.5
"""A statement this slow is worth a look: every page waits for several."""

TOLD: Final = 30
MAX_STATEMENTS: Final = 500
MAX_TEXTS: Final = 2000
TEXT_CHARACTERS: Final = 400
OTHERS: Final = "(others)"

_LITERALS = re.compile(r"'[^']*'")
_LISTS = re.compile(r"\(\s*:\w+(?:\s*,\s*:\w+)*\s*\)(?:\s*,\s*\(\s*:\w+(?:\s*,\s*:\w+)*\s*\))*")


@dataclass(slots=True)
class _Tally:
    statement: str
    reads: bool
    times: int = 0
    total_s: float = 0.0
    worst_s: float = 0.0
    slow: int = 0


class Statements:
    """Statements that differ in how many values they name are one."""

    def __init__(self) -> None:
        self._by_text: dict[str, _Tally] = {}
        self._by_statement: dict[str, _Tally] = {}

    def note(self, sql: str, took_s: float, *, reads: bool) -> None:
        tally = self._by_text.get(sql)
        if tally is None:
            tally = self._new(sql, reads=reads)
        tally.times += 1
        tally.total_s += took_s
        tally.worst_s = max(tally.worst_s, took_s)
        if took_s >= SLOW_S:
            tally.slow += 1

    def told(self) -> tuple[StatementReport, ...]:
        """The slow ones first, then those that took most time in all."""
        tallies = sorted(self._by_statement.values(), key=lambda one: (one.slow == 0, -one.total_s))
        return tuple(_report(one) for one in tallies[:TOLD])

    def _new(self, sql: str, *, reads: bool) -> _Tally:
        statement = text_of(sql)
        if statement not in self._by_statement and len(self._by_statement) >= MAX_STATEMENTS:
            statement = OTHERS
        tally = self._by_statement.setdefault(statement, _Tally(statement, reads))
        if len(self._by_text) < MAX_TEXTS:
            self._by_text[sql] = tally
        return tally


def text_of(sql: str) -> str:
    """On one line, cut, with lists of values and what stands in quotes left out."""
    text = _LISTS.sub("(…)", _LITERALS.sub("'…'", " ".join(sql.split())))
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}…"


def _report(tally: _Tally) -> StatementReport:
    mean_s = tally.total_s / tally.times
    return StatementReport(
        statement=tally.statement,
        kind="read" if tally.reads else "write",
        times=tally.times,
        mean_ms=round(1000 * mean_s, 2),
        worst_ms=round(1000 * tally.worst_s, 1),
        slow=tally.slow,
        suggestion=_suggestion(tally, mean_s) if tally.slow else "",
    )


def _suggestion(tally: _Tally, mean_s: float) -> str:
    if mean_s < SLOW_S / 2:
        return (
            "Slow now and then only: see what else ran at those times, say a sync, an import or a backup,"
            " and whether the disk is shared."
        )
    if tally.reads:
        return (
            "Slow nearly each time: it reads more than is in memory. Give the database more memory or a"
            " faster disk; on PostgreSQL run ANALYZE and look at its plan."
        )
    return (
        "Slow nearly each time: writes wait for the disk. Put the database on a faster one, and large"
        " imports at a quiet hour."
    )

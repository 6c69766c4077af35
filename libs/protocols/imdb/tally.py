"""How the reading of a data set went."""

from __future__ import annotations

import msgspec

from libs.protocols.imdb.rows import LEFT_OUT


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of `seen` rows are wanted; `skipped` and `noted` count rows by reason. `broken` is why none of
    them may be used, with a sentence for people. `spoilt` are titles of rows that couldn't be read."""

    done: bool = False
    seen: int = 0
    kept: int = 0
    outside: int = 0
    skipped: dict[str, int] = {}
    noted: dict[str, int] = {}
    spoilt: tuple[int, ...] = ()
    broken: str | None = None
    sentence: str = ""

    @property
    def remarks(self) -> dict[str, int]:
        """Rows that are worth a word, by reason: left out for what is wrong with them, or odd and kept."""
        wrong = {reason: count for reason, count in self.skipped.items() if reason not in LEFT_OUT}
        return wrong | self.noted

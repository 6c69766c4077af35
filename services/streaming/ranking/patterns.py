"""What people look for in names and texts: words, and expressions that can't take long whatever they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import re2

MAX_TEXT_CHARS: Final = 600
"""Of a source so much is looked through."""
MOST_STEPS: Final = 1_000
"""Of a compiled expression: RE2 needs time by the length of the text times these, whatever is in them."""
MAX_MEMORY_BYTES: Final = 1024 * 1024


class PatternRefused(ValueError):
    """Why an expression is not taken, for people."""


class Expression:
    """One expression, for any case of letters."""

    def __init__(self, written: str) -> None:
        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        options.max_mem = MAX_MEMORY_BYTES
        try:
            self._compiled = re2.compile(written, options)
        except re2.error as error:
            raise PatternRefused(f"not an expression that is understood: {_words(error)}") from error
        if self._compiled.programsize > MOST_STEPS:
            raise PatternRefused("too large: make its repetitions fewer or shorter")
        self.written = written
        self.steps: int = self._compiled.programsize

    def is_in(self, text: str) -> bool:
        return self._compiled.search(text) is not None


def refusals(written: Sequence[str]) -> list[str]:
    """What is wrong with any of them, by its place."""
    found = []
    for place, one in enumerate(written, 1):
        try:
            Expression(one)
        except PatternRefused as error:
            found.append(f"number {place} is {error}")
    return found


def _words(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)

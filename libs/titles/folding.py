"""The form in which titles are sorted, searched and compared: no case, no accents, words and spaces."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_CHARS: Final = 300
"""Of a name: what comes after says nothing new, and PostgreSQL takes no index entry above 2,700 bytes."""
EDIT_LETTERS: Final = 8
"""Of a word that stand for it where one letter may be wrong: what is beyond is seldom mistyped first."""
LEAST_LETTERS: Final = 3
"""Of a word that may have one wrong: of two letters, everything is near everything."""

_WORD: Final = re.compile(r"[^\W_]+")


class _Plain(dict[int, str | int]):
    """What a letter becomes: itself, unless it is an accent. A generator that asked for each took three
    quarters of the time of a cast's names."""

    def __missing__(self, letter: int) -> str | int:
        self[letter] = "" if unicodedata.combining(chr(letter)) else letter
        return self[letter]


_OURS: Final[dict[str, str | int]] = {
    **{"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"},
    **dict.fromkeys("'’‘`´ʼ", ""),
}
_LETTERS: Final = _Plain(str.maketrans(_OURS))


def fold(text: str) -> str:
    """Words in lower case without accents, one space between them; of at most MAX_CHARS letters of `text`."""
    text = text[:MAX_CHARS].lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return " ".join(_WORD.findall(text.translate(_LETTERS)))[:MAX_CHARS]


def edits(word: str) -> set[str]:
    """What two words have in common that differ by one letter among their first eight."""
    head = word[:EDIT_LETTERS]
    return {head} | {head[:at] + head[at + 1 :] for at in range(len(head))}

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
_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | dict.fromkeys("'’‘`´ʼ", "")
)


def fold(text: str) -> str:
    """Words in lower case without accents, one space between them; of at most MAX_CHARS letters of `text`."""
    text = text[:MAX_CHARS].lower()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(text.translate(_LETTERS)))[:MAX_CHARS]


def edits(word: str) -> set[str]:
    """What two words have in common that differ by one letter among their first eight."""
    head = word[:EDIT_LETTERS]
    return {head} | {head[:at] + head[at + 1 :] for at in range(len(head))}

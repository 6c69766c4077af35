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
_ODD: Final = re.compile("['`\x80-\U0010ffff]")


_OURS: Final = {
    **{"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"},
    **dict.fromkeys("'’‘`´ʼ", ""),
}


class _Letters(dict[str, str]):
    """What each letter becomes without its accents, found out when it is met first."""

    def __missing__(self, letter: str) -> str:
        parts = unicodedata.normalize("NFKD", letter)
        self[letter] = "".join(_OURS.get(part, part) for part in parts if not unicodedata.combining(part))
        return self[letter]


_LETTERS: Final = _Letters()
_SPACED: Final = bytes(code if chr(code).isalnum() else 0x20 for code in range(128)) + bytes(128)
"""Of ASCII alone, which most names are: a quarter of the time of looking for words."""


def fold(text: str) -> str:
    """Words in lower case without accents, one space between them; of at most MAX_CHARS letters of `text`."""
    text = text[:MAX_CHARS].lower()
    if not text.isascii():
        # A name has few of them: to ask for each of its letters takes twice as long.
        for letter in set(_ODD.findall(text)):
            text = text.replace(letter, _LETTERS[letter])
    if text.isascii():
        return b" ".join(text.encode().translate(_SPACED, b"'`").split()).decode()[:MAX_CHARS].rstrip()
    return " ".join(_WORD.findall(text))[:MAX_CHARS].rstrip()


def edits(word: str) -> set[str]:
    """What two words have in common that differ by one letter among their first eight."""
    head = word[:EDIT_LETTERS]
    return {head} | {head[:at] + head[at + 1 :] for at in range(len(head))}

"""Names as people write them, brought to one form each.

Letters lose case and accents, words their punctuation, numbers become digits whether they were written
as words or Roman. What lists add (languages, qualities, years, an article moved to the end) is taken off.
What tells titles apart stays: the number of a part, the words of a subtitle.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from libs.titles.decoration import undecorated
from services.catalog.identity.words import ANDS, ARTICLES, NUMBERS, PARTS, TAGS, TENS

MAX_CHARS: Final = 200
"""Of a name: what comes after says nothing new."""

MAX_FORMS: Final = 8
"""Of a name: two are compared form by form, which nobody must be able to make slow."""

FIRST_YEAR, LAST_YEAR = 1874, 2100

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | dict.fromkeys("'’‘`´ʼ\"“”„«»", "")
    | {"&": " & ", "+": " & "}
)
_MARKS: Final = re.compile(r"[\u0300-\u036f]")
"""Accents of Latin, Greek and Cyrillic letters. The marks of other scripts are letters of their own."""

_ELISION: Final = re.compile(r"^l['’](?=\w)", re.IGNORECASE)
_WORDS: Final = re.compile(r"&|\d+|[^\W\d_]+")
_WORDS_WITH_SIGNS: Final = re.compile(r"&|\d+|(?:[^\W\d_]|(?![\d\u0964\u0965])[\u0900-\u109f\u1780-\u17ff])+")
"""Of Indian and South-East Asian scripts the vowel signs are part of the word, not so for `re`."""

_BRACKETS: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}")
_AKA: Final = re.compile(r"\s+(?:aka|a\.k\.a\.)\s+|\s+/\s+", re.IGNORECASE)
_MOVED: Final = re.compile(r"^(.*\w\W*),\s*(\w+|L['’])$|^(.*\w)\s+(the)$", re.IGNORECASE)
_SUBTITLE: Final = re.compile(r":\s|\s[-–—]\s|[;,]\s+or,?\s|\sor[:;,]\s", re.IGNORECASE)
_YEAR_AT_END: Final = re.compile(r"(.*\S)[,\s]\s*(1[89]\d\d|20\d\d)(?:\s+(?:film|movie))?$", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:1[89]|20)\d\d")


class Name(msgspec.Struct, frozen=True, gc=False):
    """`key` is equal for two ways to write one name. `text` is the same with its spaces, for nearness.

    `numbers` are those in it, in order. `year` is one that was written behind the name, `guessed` where it
    may as well be part of it. `loss` is how much was left out of what was written, from 0 for all of it.
    """

    key: str
    text: str
    article: str
    numbers: tuple[str, ...]
    year: int | None
    guessed: bool
    loss: float


WHOLE, BRACKETS_OFF, FIRST_PART, IN_BRACKETS, SUBTITLE_OFF = 0.0, 0.02, 0.03, 0.08, 0.08


def names_of(written: str, *, year: int | None, loss: float = 0.0) -> list[Name]:
    """The forms of one written name, what was written first. Empty if there is no letter and no digit.

    Lists shorten names and add to them, so that a name has several forms: without its subtitle, without a
    year behind it, one for each side of an "aka". A form says by its `loss` how much it stands for.
    """
    plain = undecorated(written[:MAX_CHARS])
    found: dict[tuple[str, int | None], Name] = {}
    for text, bracket_year, lost in _without_brackets(f"{plain.text} {plain.behind}".rstrip()):
        said = plain.year or bracket_year
        for side in _AKA.split(text):
            for form, guess, more in _forms(side, said or year):
                name = _name(form, said or guess, guess is not None, loss + lost + more)
                if name is not None and _better(name, found.get((name.key, name.year))):
                    found[name.key, name.year] = name
    names = list(found.values())[:MAX_FORMS]
    firsts = [first for name in names if (first := _without_one(name)) is not None]
    return [*names, *firsts][:MAX_FORMS]


def _better(name: Name, known: Name | None) -> bool:
    return known is None or name.loss < known.loss


def _without_brackets(written: str) -> Iterator[tuple[str, int | None, float]]:
    """The name without brackets that only describe it, with the year in them; then what others may mean."""
    if not any(bracket in written for bracket in "([{"):
        yield written, None, 0.0
        return
    year: int | None = None
    kept: list[str] = []

    def read(found: re.Match[str]) -> str:
        nonlocal year
        inside = next(group for group in found.groups() if group is not None)
        words = re.findall(r"\w+", inside.casefold())
        years = [word for word in words if _YEAR.fullmatch(word)]
        if found.start() > 0 and len(years) == 1:
            year = int(years[0])
            inside = inside.replace(years[0], " ")
        if all(word in TAGS or word in years[:1] for word in words):
            return " "
        if found.start() > 0 and found[0][0] != "(":
            return " "
        if found.start() > 0:
            kept.append(inside)
        return f" {inside} "

    whole = _BRACKETS.sub(read, written)
    yield whole, year, 0.0
    if kept and not any(_numbers(text) for text in kept):
        yield _BRACKETS.sub(" ", written), year, BRACKETS_OFF
        for text in kept:
            if len(text) >= 8:
                yield text, year, IN_BRACKETS


def _forms(side: str, year: int | None) -> Iterator[tuple[str, int | None, float]]:
    """The name, with what a year behind it and a subtitle may be taken for.

    Of a year the entry has anyway nothing is learned; without one it may be what the name ends in.
    """
    side = _with_article(side.strip())
    yield side, None, WHOLE
    dated = _YEAR_AT_END.match(side)
    guess: int | None = None
    if dated is not None and (year is None or abs(year - int(dated[2])) <= 1):
        side, guess = _with_article(dated[1]), int(dated[2]) if year is None else None
        yield side, guess, WHOLE
    main, *subtitle = _SUBTITLE.split(side, maxsplit=1)
    if subtitle and not _numbers(subtitle[0]):
        yield main, guess, SUBTITLE_OFF


def _with_article(name: str) -> str:
    """The name with an article that was moved behind it in its place."""
    moved = _MOVED.match(name)
    if moved is None:
        return name
    rest, article = moved[1] or moved[3], moved[2] or moved[4]
    return f"{article} {rest}" if article.casefold().rstrip("'’") in ARTICLES else name


def _name(form: str, year: int | None, guessed: bool, loss: float) -> Name | None:
    plain = _normalised(form)
    words = _with_initials(plain)
    if not words:
        return None
    article = ""
    if len(words) > 1 and words[0] in ARTICLES and words[0] == plain[0]:
        article, words = words[0], words[1:]
    numbers = tuple(word for word in words if word.isdecimal())
    return Name("".join(words), " ".join(words), article, numbers, year, guessed, loss)


def _without_one(name: Name) -> Name | None:
    """The first part of something was called by its name alone before there was a second."""
    if name.numbers[-1:] != ("1",) or not name.text.endswith(" 1"):
        return None
    text = name.text[:-2]
    return msgspec.structs.replace(
        name,
        key=text.replace(" ", ""),
        text=text,
        numbers=name.numbers[:-1],
        loss=name.loss + FIRST_PART,
    )


def _numbers(text: str) -> list[str]:
    return [word for word in _normalised(text) if word.isdecimal()]


def _normalised(text: str) -> list[str]:
    """The words of a name in their one form."""
    text = _ELISION.sub("l ", text).casefold().translate(_LETTERS)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
        return _with_numbers(_WORDS_WITH_SIGNS.findall(text))
    return _with_numbers(_WORDS.findall(text))


def _with_numbers(words: Sequence[str]) -> list[str]:
    """Numbers in digits, words for parts left out before them."""
    found: list[str] = []
    last = len(words) - 1
    for place, word in enumerate(words):
        value: str | None = None
        if word in NUMBERS or word.isdecimal():
            value = _number(word, first=place == 0, last=place == last, before=found[-1] if found else "")
        if value is None:
            found.append("and" if word in ANDS else word)
            continue
        if found and found[-1] in PARTS:
            found.pop()
        elif found and found[-1] in TENS and len(value) == 1:
            value = str(int(TENS[found.pop()]) + int(value))
        found.append(value)
    return [TENS.get(word, word) for word in found]


def _number(word: str, *, first: bool, last: bool, before: str) -> str | None:
    if word.isdecimal():
        return word.lstrip("0") or "0" if word.isascii() else str(int(word))
    if len(word) == 1 and (first or not (last or before in PARTS)):
        return None  # "V for Vendetta" begins with a letter, "Rocky V" ends in a number
    return NUMBERS.get(word)


def _with_initials(words: Sequence[str]) -> list[str]:
    """Letters that stand alone beside each other are one word: S.W.A.T. is SWAT."""
    found: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1 and word.isascii() and word.isalpha()
        if single and run:
            found[-1] += word
        else:
            found.append(word)
        run = single
    return found

"""A name as a panel or a release writes it, taken apart: the title, its year, and what was put around it.

Only what is known for a mark is taken off, and never the last of a name: "IT - It", "24" and "2012 (4K)" are
titles. What tells titles apart otherwise (articles, numerals, subtitles) stays as it was written.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from libs.titles.folding import MAX_CHARS
from libs.titles.marks import (
    BEFORE_TECHNICAL,
    BEHIND,
    BEHIND_IN_CAPITALS,
    IN_BRACKETS,
    IN_FRONT,
    LANGUAGE_OF,
)

MOST_MARKS: Final = 4
"""On each side."""
MOST_KNOWN: Final = 4096
"""Of what stands around titles: of a hundred thousand names, it is nearly always the same."""
LONGEST_FRONT: Final = 19
LONGEST_BRACKET: Final = 28

_BARS: Final = re.compile("[\u00a6\u2022\u2502\u2503\u250a\u2605\u2606\u2758\u25ba\u25b6\u25cf\u00bb\uff5c]")
_SMALL: Final = re.compile("[\u00b2\u00b3\u00b9\u1d2c-\u1d6a\u2070-\u209c\uff01-\uff5e]+")
"""Raised, lowered and wide letters and digits: panels like "\u1d34\u1d30"."""
_ONE_WORD: Final = re.compile(r"\bEX[- ]?YU\b", re.IGNORECASE)
_BOXED: Final = re.compile(r"\|([^|]{1,16})\|\s*|\[([^\]]{1,16})\]\s*|\(([^)]{1,12})\)\s*")
_PARTED: Final = re.compile(r"([^\s|:][^|:]{0,15}?)(?:\s?\|\s?|\s[-\u2013\u2014]\s|:\s)")
_LINES: Final = re.compile(r"(?<=\d)[pi]\b")
_PART: Final = re.compile(r"(?:chapter|capitolo|part|vol)\b", re.IGNORECASE)
_DATED: Final = re.compile(
    r"(.*\S)\s*(?:[(\[]\s?(18[7-9]\d|19\d\d|20[0-3]\d)\s?[)\]]|\s[-\u2013]\s(18[7-9]\d|19\d\d|20[0-3]\d)(?=\s|$))"
)
_TECHNICAL: Final = re.compile(
    r"[. _](?=[124-7xhwbd])"
    r"(?:2160p|1080[pi]|720p|480p|576p|x26[45]|h\.?26[45]|hevc|xvid|web-?dl|webrip|blu-?ray|brrip|bdrip"
    r"|dvdrip|hdtv|hdrip)(?=[. _\-\])]|$)",
    re.IGNORECASE,
)
_DOTS: Final = re.compile(r"[._]+")
_YEARS: Final = re.compile(r"(?<=[\s(\[])(18[7-9]\d|19\d\d|20[0-3]\d)(?=[\s)\]]|$)")
_APART: Final = re.compile(r"[\s/&.,\-]+")
_WORDS: Final = re.compile(r"[\w+]+")
_EDGES: Final = " -|:"
_DATES: Final = frozenset(map(str, range(1870, 2040)))


class Plain(msgspec.Struct, frozen=True, gc=False):
    """`year` is one that was set apart from the title. `marks` are the words around it, in capitals.

    `language` is the code of the first mark that names one, "" if none does. `is_release`: technical words
    follow the title, as in the names of files. `behind` is what stands behind the year and is no mark.
    """

    text: str
    year: int | None = None
    language: str = ""
    marks: tuple[str, ...] = ()
    is_release: bool = False
    behind: str = ""


def undecorated(written: str) -> Plain:
    """The title in `written`, of which at most the first MAX_CHARS characters count."""
    name = written[:MAX_CHARS]
    if not name.isascii():
        name = _BARS.sub("|", _SMALL.sub(_as_usual, name))
    if "&" in name and ";" in name:
        name = html.unescape(name)
    name = " ".join(name.split())
    if "yu" in name or "YU" in name:
        name = _ONE_WORD.sub("EXYU", name)
    marks: list[str] = []
    if is_set_apart := _is_set_apart(name):
        name = _without_front(name, marks)
    technical, year, behind = _TECHNICAL.search(name), None, ""
    if technical is not None:
        text, year = _of_release(name[: technical.start()])
    elif is_set_apart:
        text, year, behind = _of_listed(name, marks)
    else:
        text = _without_behind(name, marks)
    around = tuple(marks)
    return Plain(text, year, _language(around), around, technical is not None, behind)


@lru_cache(MOST_KNOWN)
def _language(marks: tuple[str, ...]) -> str:
    return next((LANGUAGE_OF[mark] for mark in marks if mark in LANGUAGE_OF), "")


def _as_usual(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def _is_set_apart(name: str) -> bool:
    """Whether anything parts marks or a year from a title; in most names nothing does."""
    return (
        "(" in name
        or " - " in name
        or ": " in name
        or "|" in name
        or "[" in name
        or "\u2013" in name
        or "\u2014" in name
    )


def _without_front(name: str, marks: list[str]) -> str:
    for _ in range(MOST_MARKS):
        is_boxed = name[:1] in "|[("
        if is_boxed:
            found = _BOXED.match(name)
        else:
            found = _PARTED.match(name) if _is_parted(name[:LONGEST_FRONT]) else None
        if found is None:
            break
        inside = found[found.lastindex or 0]
        if not is_boxed and not _in_capitals(inside):
            break
        words = _in_front(inside)
        rest = name[found.end() :].lstrip(_EDGES)
        if not words or not rest or (words == ("IT",) and _PART.match(rest)):
            break
        marks += words
        name = rest
    return name


def _is_parted(head: str) -> bool:
    """Whether _PARTED is worth a try."""
    return (
        "|" in head
        or " - " in head
        or ": " in head
        or (not head.isascii() and ("\u2013" in head or "\u2014" in head))
    )


def _in_capitals(text: str) -> bool:
    """Of what nearly every panel writes small only the p of "1080p"."""
    return text == text.upper() or (rest := _LINES.sub("", text)) == rest.upper()


@lru_cache(MOST_KNOWN)
def _in_front(text: str) -> tuple[str, ...]:
    return _marks(text, IN_FRONT)


def _of_listed(name: str, marks: list[str]) -> tuple[str, int | None, str]:
    if name[-5:-1] in _DATES and len(name) > 6 and name[-6] in "([" and name[-1] in ")]":
        return _tidied(_without_behind(name[:-6].rstrip(), marks)), int(name[-5:-1]), ""
    may_be_dated = "19" in name or "20" in name or "18" in name
    dated = _DATED.match(name) if may_be_dated else None
    if dated is None:
        name = _without_behind(name, marks)
        dated = _DATED.fullmatch(name) if may_be_dated else None
        return (name, None, "") if dated is None else (_tidied(dated[1]), int(dated[2] or dated[3]), "")
    known, behind = _behind_year(name[dated.end() :])
    marks += known
    return _tidied(_without_behind(dated[1], marks)), int(dated[2] or dated[3]), behind


@lru_cache(MOST_KNOWN)
def _behind_year(text: str) -> tuple[tuple[str, ...], str]:
    """The marks in `text`, and all of it if it says more: what stands behind a year in brackets is never the
    title, but may tell one version from another."""
    words = _WORDS.findall(text)
    known = tuple(word.upper() for word in words if word.upper() in IN_BRACKETS)
    return known, "" if len(known) == len(words) else _tidied(text)


def _without_behind(name: str, marks: list[str]) -> str:
    for _ in range(MOST_MARKS):
        words: Sequence[str] = ()
        if name.endswith((")", "]")):
            start = name.rfind("(" if name[-1] == ")" else "[")
            if len(name) - start < LONGEST_BRACKET:
                words = _in_brackets(name[start + 1 : -1])
        else:
            start = name.rfind(" ")
            word = name[start + 1 :]
            if word in BEHIND_IN_CAPITALS or word.upper() in BEHIND:
                words = (word.upper(),)
        if not words:
            break
        rest = name[: max(start, 0)].rstrip(_EDGES)
        if not rest:
            break
        marks += words
        name = rest
    return name


@lru_cache(MOST_KNOWN)
def _in_brackets(text: str) -> tuple[str, ...]:
    return _marks(text, IN_BRACKETS)


def _of_release(head: str) -> tuple[str, int | None]:
    """The last year in it is the release's: "2001.A.Space.Odyssey.1968"."""
    if head.count(" ") <= 1:
        head = _DOTS.sub(" ", head)
    *_, dated = (None, *_YEARS.finditer(head))
    if dated is not None and head[: dated.start()].strip(" (["):
        return _tidied(head[: dated.start()].rstrip(" ([")), int(dated[1])
    words = head.split()
    while len(words) > 1 and words[-1].upper() in BEFORE_TECHNICAL:
        words.pop()
    return _tidied(" ".join(words)), None


def _tidied(text: str) -> str:
    return text.strip(_EDGES)


def _marks(text: str, known: Container[str]) -> tuple[str, ...]:
    """The words of `text` in capitals, if it holds nothing but known ones; written as one they are one."""
    words = tuple(word for word in _APART.split(text.upper()) if word)
    if all(word in known for word in words):
        return words
    joined = "".join(words)
    return (joined,) if joined in known else ()

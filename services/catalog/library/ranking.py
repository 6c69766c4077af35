"""How near a title is to what was typed, and which words were perhaps meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from libs.titles.folding import EDIT_LETTERS, LEAST_LETTERS, edits
from services.catalog.library_model import KINDS
from services.catalog.store.library.search import Candidate, Near

SAME: Final = 101.0
"""Above what any other title can have."""
OTHER_YEAR: Final = 10.0
"""What a title of another year than the one that was typed loses."""
NEAR_WORDS: Final = 12
"""Taken for one that was typed, the likeliest first."""
_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_ORDER = {KINDS["movies"]: 0, KINDS["series"]: 1, KINDS["channels"]: 2}


@dataclass(frozen=True, slots=True)
class Ranked:
    """`score` runs 0 to 100, and is SAME where the title is what was typed."""

    score: float
    candidate: Candidate


def score(typed: str, title: str) -> float:
    """Of two folded texts: letters, words in any order, the beginning, some of the words."""
    whole = fuzz.ratio(typed, title)
    if typed == title:
        return SAME
    beginning = fuzz.ratio(typed, title[: len(typed)]) * 0.95 if len(title) > len(typed) else 0.0
    best = max(
        whole,
        beginning,
        fuzz.token_sort_ratio(typed, title) * 0.98,
        fuzz.token_set_ratio(typed, title) * 0.85,
    )
    return best - abs(len(title) - len(typed)) * 0.01


def ranked(typed: str, candidates: Iterable[Candidate]) -> list[Ranked]:
    """In their own order."""
    title, year = _year_apart(typed)
    return [Ranked(_score(typed, title, year, each), each) for each in candidates]


def best_of(found: Iterable[Ranked], count: int) -> list[Ranked]:
    """Best first; of equals films before series and channels, the better rated, the newer."""
    return nsmallest(count, found, key=_place)


def near_words(typed: str, near: Collection[Near], *, may_go_on: bool) -> list[str]:
    """Words one letter or two neighbours away from the typed one; two letters in long ones.

    With `may_go_on`, also those that begin so: the last word is perhaps still being typed.
    """
    if len(typed) < LEAST_LETTERS:
        return []
    own, most = edits(typed), 1 if len(typed) < EDIT_LETTERS else 2
    found = dict[str, tuple[int, int, str]]()
    for edit, word, items in near:
        if edit not in own or word in found or word == typed:
            continue
        distance = OSA.distance(typed, word, score_cutoff=most)
        if distance > most and may_go_on:
            distance = OSA.distance(typed, word[: len(typed)], score_cutoff=1)
            distance += most * (distance > 1)
        if distance <= most:
            found[word] = (distance, -items, word)
    return [word for _, _, word in sorted(found.values())[:NEAR_WORDS]]


def _year_apart(typed: str) -> tuple[str, int | None]:
    """ "dune 2021" is a title and a year, unless it is a title."""
    head, _, last = typed.rpartition(" ")
    if head and len(last) == 4 and last.isascii() and last.isdecimal():
        year = int(last)
        if _FIRST_YEAR <= year <= _LAST_YEAR:
            return head, year
    return typed, None


def _score(typed: str, title: str, year: int | None, candidate: Candidate) -> float:
    best = score(typed, candidate.sort)
    if year is None:
        return best
    apart = score(title, candidate.sort) - (OTHER_YEAR if candidate.year != year else 0.5)
    return max(best, apart)


def _place(found: Ranked) -> tuple[float, int, str, int, int, int, int]:
    each = found.candidate
    rating = -1 if each.rating is None else each.rating
    return (-found.score, len(each.sort), each.sort, _ORDER[each.kind], -rating, -(each.year or 0), each.id)

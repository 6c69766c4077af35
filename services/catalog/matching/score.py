"""How well titles of IMDb answer a question, by name, year and how many people rated them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from rapidfuzz.distance import OSA

from services.catalog.identity.match import (
    NEAR,
    PER_EDIT,
    YEAR_OFF,
    YEAR_UNKNOWN,
    may_differ_by,
    weight_of_articles,
)
from services.catalog.identity.names import Name
from services.catalog.matching.question import Question
from services.catalog.store.imdb_names import Known

How: TypeAlias = Literal["name", "near_name", "name_only"]

KNOWN_A_YEAR_OFF: Final = 50
"""People who rated a title whose year is nearly said; of less known ones it has to be the very year."""

_NUMBERS: Final = re.compile(r"\d+")


class Offer(NamedTuple):
    """`score` runs from 0 to 1. `name_only`: the question says no year."""

    score: float
    votes: int
    imdb: int
    year: int
    how: How
    is_whole: bool

    @property
    def hundredths(self) -> int:
        return max(0, min(100, round(self.score * 100)))


def offers(question: Question, called: Mapping[str, Sequence[Known]]) -> list[Offer]:
    """Those of the same name, best first; `called` has all titles by a key of the question's."""
    found = (
        offer
        for name in question.names
        for known in called.get(name.key, ())
        if (offer := _same(question, name, known)) is not None
    )
    return _best(found)


def near_offers(question: Question, around: Iterable[Known]) -> list[Offer]:
    """Those of nearly the same name, best first."""
    names = [(name, year) for name in question.near_names() if (year := question.year_of(name)) is not None]
    found = (
        offer for known in around for name, year in names if (offer := _near(name, year, known)) is not None
    )
    return _best(found)


def _same(question: Question, name: Name, known: Known) -> Offer | None:
    year = question.year_of(name)
    gap = None if year is None else abs(year - known.year)
    if gap is not None and (gap > 1 or (gap == 1 and known.votes < KNOWN_A_YEAR_OFF)):
        return None
    loss = name.loss + known.loss / 100
    score = 1.0 - loss + weight_of_articles(name.article, known.article)
    score += YEAR_UNKNOWN if gap is None else YEAR_OFF * gap
    how: How = "name_only" if gap is None else "name"
    return Offer(score, known.votes, known.id, known.year, how, loss <= 0.05)


def _near(name: Name, year: int, known: Known) -> Offer | None:
    gap = abs(year - known.year)
    if gap > 1 or (gap == 1 and known.votes < KNOWN_A_YEAR_OFF):
        return None
    allowed = may_differ_by(min(len(name.key), len(known.key)))
    edits = OSA.distance(name.key, known.key, score_cutoff=allowed)
    # Numbers tell parts of something apart: they are never slips.
    if not 0 < edits <= allowed or _NUMBERS.findall(name.key) != _NUMBERS.findall(known.key):
        return None
    score = 1.0 + NEAR + PER_EDIT * edits - known.loss / 100 + YEAR_OFF * gap
    return Offer(score, known.votes, known.id, known.year, "near_name", True)


def _best(found: Iterable[Offer]) -> list[Offer]:
    by_title: dict[int, Offer] = {}
    for offer in found:
        held = by_title.get(offer.imdb)
        if held is None or offer.score > held.score:
            by_title[offer.imdb] = offer
    return sorted(by_title.values(), reverse=True)

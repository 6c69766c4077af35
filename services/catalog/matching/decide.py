"""Which title of IMDb a film or a series is, by the strongest that is known of it, or none where in doubt.

What a person said comes first, then ids the provider gives, then names: with a year, nearly the same, and
without a year only where hardly anything else can be meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.catalog.identity.match import ENOUGH
from services.catalog.library_model import MatchRule
from services.catalog.matching.question import Question
from services.catalog.matching.score import Offer
from services.catalog.store.imdb_names import Facts

APART: Final = 0.04
"""Of two scores, where the better one is taken."""
APART_WITHOUT_YEAR: Final = 0.07
WELL_KNOWN: Final = 300
"""People who rated a title that is taken for its fame,"""
TIMES_THE_NEXT: Final = 15
"""and how many times those of the next."""
HEARD_OF: Final = 150
"""People who rated a title that is meant by its name alone. These numbers were found on the tuning half of
the labelled set (`python -m benchmarks matching`), which the figures are not taken from."""


_BY_YEAR: Final = ("name", "near_name")


class Decision(NamedTuple):
    """`score` runs from 0 to 100: of the best offer, taken or not."""

    imdb: int | None
    rule: MatchRule
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What is known beside names. `tmdb` is the title of IMDb that the provider's other rows with the same id
    of TMDB are, `facts` what IMDb says of titles named by an id. `is_last`: other rows can't say more."""

    chosen: Decision | None = None
    tmdb: int | None = None
    facts: Mapping[int, Facts] = field(default_factory=dict)
    is_last: bool = False


def decide(question: Question, offers: Sequence[Offer], said: Said) -> Decision:
    if said.chosen is not None:
        return said.chosen
    named = _by_name(offers)
    if question.imdb is not None:
        return _by_id(question, Decision(question.imdb, "imdb_id", 90), offers, named, said.facts)
    if said.tmdb is not None and named.rule not in _BY_YEAR:
        return _by_id(question, Decision(said.tmdb, "tmdb_id", 90), offers, named, said.facts)
    if named.imdb is None and question.tmdb is not None and not said.is_last:
        return Decision(None, "later", named.score)
    return named


def is_sure(decision: Decision) -> bool:
    """Whether it says something about other rows with the same id of TMDB."""
    return decision.imdb is not None and decision.rule in ("chosen", "imdb_id", "name")


def _by_id(
    question: Question,
    told: Decision,
    offers: Sequence[Offer],
    named: Decision,
    facts: Mapping[int, Facts],
) -> Decision:
    """What the provider says it is, unless name and year say that it is something else."""
    if any(offer.imdb == told.imdb for offer in offers):
        return told._replace(score=100)
    if named.rule in _BY_YEAR:
        return Decision(None, "ids_disagree", named.score)
    fact = None if told.imdb is None else facts.get(told.imdb)
    return told if fact is None or _fits(question, fact) else Decision(None, "ids_disagree", 50)


def _fits(question: Question, fact: Facts) -> bool:
    if fact.kind != question.kind:
        return False
    return question.year is None or fact.year is None or abs(question.year - fact.year) <= 1


def _by_name(offers: Sequence[Offer]) -> Decision:
    if not offers:
        return Decision(None, "none")
    best = offers[0]
    score = best.hundredths
    if best.score < ENOUGH:
        return Decision(None, "doubtful", score)
    if best.how == "name_only":
        return _without_year([offer for offer in offers if offer.score > best.score - APART_WITHOUT_YEAR])
    close = [offer for offer in offers if offer.score > best.score - APART]
    if len(close) == 1:
        return Decision(best.imdb, best.how, score)
    known = _best_known(close)
    return Decision(None, "several", score) if known is None else Decision(known.imdb, "best_known", score)


def _without_year(close: Sequence[Offer]) -> Decision:
    best = close[0]
    score = best.hundredths
    if len(close) > 1:
        known = _best_known([offer for offer in close if offer.score > best.score - 0.02] or close)
        if known is None or not _leads(known, close):
            return Decision(None, "several", score)
        return Decision(known.imdb, "best_known", score)
    if best.votes < HEARD_OF or not best.is_whole:
        return Decision(None, "little_known", score)
    return Decision(best.imdb, "name_only", score)


def _best_known(offers: Sequence[Offer]) -> Offer | None:
    known = max(offers, key=lambda offer: offer.votes)
    return known if _leads(known, offers) else None


def _leads(known: Offer, offers: Sequence[Offer]) -> bool:
    rest = max((offer.votes for offer in offers if offer.imdb != known.imdb), default=0)
    return known.votes >= WELL_KNOWN and known.votes >= TIMES_THE_NEXT * rest

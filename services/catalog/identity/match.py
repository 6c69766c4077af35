"""Deciding about two entries, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from rapidfuzz.distance import OSA

from services.catalog.identity.entry import Entry
from services.catalog.identity.ids import SYSTEMS
from services.catalog.identity.names import Name
from services.catalog.identity.why import Fact, Why

ENOUGH: Final = 0.86
"""Of a score: below it two entries stay apart. The numbers below were found on the tuning half of the
labelled set (`python -m benchmarks titles`), which the figures are not taken from."""

YEAR_OFF, YEAR_UNKNOWN = -0.05, -0.08
_ARTICLE_MISSING, _ARTICLE_OTHER = -0.01, -0.06
NEAR, PER_EDIT = -0.07, -0.03
_GENRES: Final = (0.02, -0.04)
_PEOPLE: Final = (0.05, -0.08)
_RUNTIME: Final = (0.02, -0.06)

_SURE: Final = 0.9
"""With ids that disagree the names have to be as good as this: the same, and nothing against them."""


def decide(one: Entry, other: Entry) -> Why:
    """Whether two entries are the same title, by all that the two say themselves."""
    if one.key == other.key:
        return Why(True, "own_id", 1.0)
    if one.key[0] != other.key[0]:
        return Why(False, "kind", 0.0, (Fact("kind", one.key[0], other.key[0], "different"),))
    by_ids = decide_by_ids(one, other)
    if by_ids is not None and by_ids.rule != "ids_disagree":
        return by_ids
    best = max(
        (compare(one, mine, other, theirs) for mine in one.names for theirs in other.names),
        key=lambda why: (why.same, why.score),
        default=Why(False, "other_name", 0.0, (Fact("name", one.written, other.written, "different"),)),
    )
    return best if by_ids is None else settle(by_ids, best)


def decide_by_ids(one: Entry, other: Entry) -> Why | None:
    """None where no system knows both. Systems that disagree leave it to the names: see `settle`."""
    facts = tuple(_id_facts(one, other))
    if not facts:
        return None
    says = {fact.says for fact in facts}
    if len(says) == 2:
        return Why(False, "ids_disagree", 0.5, facts)
    same = says == {"same"}
    return Why(same, "ids", float(same), facts)


def settle(by_ids: Why, by_name: Why) -> Why:
    """What names make of ids that disagree."""
    same = by_name.same and by_name.rule == "name" and by_name.score >= _SURE
    return Why(same, "ids_disagree", by_name.score, by_ids.facts + by_name.facts)


def _id_facts(one: Entry, other: Entry) -> Iterator[Fact]:
    for system in SYSTEMS:
        mine, theirs = one.ids.get(system), other.ids.get(system)
        if mine is not None and theirs is not None:
            yield Fact(system, mine, theirs, "same" if mine == theirs else "different")


def compare(one: Entry, mine: Name, other: Entry, theirs: Name) -> Why:
    """What two names say, each in one of its forms, with whatever else the entries say about themselves."""
    if mine.numbers != theirs.numbers:
        return Why(False, "other_part", 0.0, (Fact("name", mine.text, theirs.text, "different"),))
    edits = 0 if mine.key == theirs.key else _edits(mine.key, theirs.key)
    if edits is None:
        return Why(False, "other_name", 0.0, (Fact("name", mine.text, theirs.text, "different"),))
    name = Fact("name", mine.text, theirs.text, "near" if edits else "same")
    gaps = years_apart(one, mine, other, theirs)
    if gaps is not None and gaps > 1:
        return Why(False, "other_year", 0.0, (name, *_years(one, mine, other, theirs, gaps)))
    score = 1.0 - mine.loss - theirs.loss + weight_of_articles(mine.article, theirs.article)
    score += (NEAR + PER_EDIT * edits) if edits else 0.0
    score += YEAR_UNKNOWN if gaps is None else YEAR_OFF * gaps
    beside = tuple(_beside(one, other))
    score = round(min(1.0, score + sum(weight for _, weight in beside)), 3)
    facts = (name, *_years(one, mine, other, theirs, gaps), *(fact for fact, _ in beside))
    needs_years = edits or mine.guessed or theirs.guessed
    if score < ENOUGH or (needs_years and gaps is None):
        return Why(False, "doubtful", score, facts)
    return Why(True, "near_name" if edits else "name", score, facts)


def may_differ_by(length: int) -> int:
    """How many slips of the fingers a name of so many letters and digits may hold."""
    return 0 if length < 6 else 1 if length < 14 else 2


def _edits(mine: str, theirs: str) -> int | None:
    allowed = may_differ_by(min(len(mine), len(theirs)))
    edits = OSA.distance(mine, theirs, score_cutoff=allowed)
    return edits if edits <= allowed else None


def weight_of_articles(mine: str, theirs: str) -> float:
    if mine == theirs:
        return 0.0
    return _ARTICLE_OTHER if mine and theirs else _ARTICLE_MISSING


def years_apart(one: Entry, mine: Name, other: Entry, theirs: Name) -> int | None:
    here, there = mine.year or one.year, theirs.year or other.year
    return None if here is None or there is None else abs(here - there)


def _years(one: Entry, mine: Name, other: Entry, theirs: Name, gaps: int | None) -> Iterator[Fact]:
    if gaps is not None:
        says = ("same", "near")[gaps] if gaps < 2 else "different"
        yield Fact("year", str(mine.year or one.year), str(theirs.year or other.year), says)  # type: ignore[arg-type]


def _beside(one: Entry, other: Entry) -> Iterator[tuple[Fact, float]]:
    """What breaks ties: genres, people and running time, as far as both say something."""
    if one.genres and other.genres:
        same = not one.genres.isdisjoint(other.genres)
        yield Fact("genres", _joined(one.genres), _joined(other.genres), _said(same)), _GENRES[not same]
    if one.people and other.people:
        same = not one.people.isdisjoint(other.people)
        yield Fact("people", _joined(one.people), _joined(other.people), _said(same)), _PEOPLE[not same]
    if one.runtime_min and other.runtime_min:
        longer = max(one.runtime_min, other.runtime_min)
        gap_min = abs(one.runtime_min - other.runtime_min)
        if gap_min <= max(5, 0.05 * longer):
            yield Fact("runtime_min", str(one.runtime_min), str(other.runtime_min), "same"), _RUNTIME[0]
        elif gap_min > 0.15 * longer:
            yield Fact("runtime_min", str(one.runtime_min), str(other.runtime_min), "different"), _RUNTIME[1]


def _said(same: bool) -> Literal["same", "different"]:
    return "same" if same else "different"


def _joined(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)[:6])

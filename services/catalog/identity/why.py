"""What is said about two entries, and what it was said for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rule = Literal[
    "kind",
    "own_id",
    "chosen",
    "ids",
    "ids_disagree",
    "name",
    "near_name",
    "other_name",
    "other_part",
    "other_year",
    "doubtful",
    "several",
]
"""
kind          films and series, or whatever else they are, are never one title
own_id        players call both by one id
chosen        the owner said so
ids           they have, or don't have, the same id in a public system
ids_disagree  one system says the same and another one not, so that the names decided
name          the same name and year, as far as they say
near_name     nearly the same name, and nothing against it
other_name    the names are not near enough
other_part    the names have different numbers: a sequel, not a way to write it
other_year    the same name more than a year apart: a remake
doubtful      the same or nearly the same name, and too much against it
several       it could be one of several titles that are not the same, so that it stays by itself
"""

What = Literal[
    "kind",
    "imdb",
    "tmdb",
    "tvdb",
    "kitsu",
    "mal",
    "anilist",
    "anidb",
    "name",
    "year",
    "genres",
    "people",
    "runtime_min",
]


@dataclass(frozen=True, slots=True)
class Fact:
    """Two values that were compared, each as its entry has it in the form that was compared."""

    what: What
    one: str
    other: str
    says: Literal["same", "near", "different"]


@dataclass(frozen=True, slots=True)
class Why:
    """A decision about two entries. `score` is from 0 to 1; what is not a matter of degree has 0 or 1."""

    same: bool
    rule: Rule
    score: float
    facts: tuple[Fact, ...] = ()

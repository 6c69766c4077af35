"""What is said about two entries, and what it was said for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

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
SENTENCES: Final[Mapping[Rule, str]] = MappingProxyType(
    {
        "kind": "Films and series, or whatever else they are, are never one title.",
        "own_id": "Players call both by one id.",
        "chosen": "You said so.",
        "ids": "They have, or don't have, the same id in a public system.",
        "ids_disagree": "Ids of one system say the same, those of another don't: their names decided.",
        "name": "They have the same name and year, as far as they say.",
        "near_name": "They have nearly the same name, and nothing speaks against it.",
        "other_name": "Their names are not near enough.",
        "other_part": "Their names have different numbers: parts of something, not ways to write one name.",
        "other_year": "They have the same name, more than a year apart: one was made again.",
        "doubtful": "They have the same or nearly the same name, and too much speaks against it.",
        "several": "It could be one of several titles that are not the same, and so stays by itself.",
    }
)

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

"""Why an item is taken for a title, or for none, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.catalog.library_model import MatchRule
from services.catalog.matching.question import Question
from services.catalog.matching.score import Offer

SENTENCES: Final[Mapping[MatchRule, str]] = MappingProxyType(
    {
        "": "It is still to be looked for.",
        "later": "It is still to be looked for, by its id of TMDB.",
        "chosen": "You said so.",
        "imdb_id": "The provider gives its id of IMDb.",
        "tmdb_id": "Others of the provider with the same id of TMDB are this title.",
        "name": "It has the same name and year.",
        "near_name": "It has nearly the same name, and the same year or the next.",
        "name_only": "It says no year, and no other title that people know is called so.",
        "best_known": "Several titles are called so, of which nearly everybody means this one.",
        "doubtful": "A title is called nearly so, and too much speaks against it.",
        "several": "Several titles are called so.",
        "little_known": "It says no year, and hardly anybody knows the title that is called so.",
        "ids_disagree": "The id that the provider gives is that of another name or year.",
        "none": "No title is called so.",
    }
)


def offered_for(question: Question, offer: Offer) -> str:
    """Short words for one of several that may be meant."""
    match offer.how:
        case "near_name":
            return "nearly the same name"
        case "name_only":
            return "the same name"
        case "name":
            years = {question.year_of(name) for name in question.names}
            return "the same name and year" if offer.year in years else "the same name, a year apart"

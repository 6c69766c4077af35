"""What matches films and series, put together."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.db import Database
from services.catalog.library.browse import Browse
from services.catalog.matching.keeping import Keeping
from services.catalog.matching.named import TitleNames
from services.catalog.matching.review import Reviews
from services.catalog.matching.run import Matching
from services.catalog.store.imdb_names import ImdbNameStore
from services.catalog.store.library.matches import MatchStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.match_choices import MatchChoiceStore


@dataclass(frozen=True, slots=True)
class Matched:
    matching: Matching
    reviews: Reviews
    keeping: Keeping


def matching_of(database: Database, browse: Browse, clock: Clock) -> Matched:
    matches, names, choices = MatchStore(database), ImdbNameStore(database), MatchChoiceStore(database)
    providers = ProviderStore(database)
    matching = Matching(database, matches, names, choices, providers)
    return Matched(
        matching,
        Reviews(database, browse, matching, matches=matches, names=names, choices=choices, clock=clock),
        Keeping(
            TitleNames(names, clock),
            matching,
            made=names,
            matches=matches,
            providers=providers,
            clock=clock,
        ),
    )

"""What reads the library from its tables alone, put together."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.db import Database
from services.catalog.library.browse import Browse
from services.catalog.library.chosen import LibraryChoices
from services.catalog.library.find import Find
from services.catalog.library.places import Places
from services.catalog.library.shelves import Shelves
from services.catalog.library.views import Views
from services.catalog.store.library.choices import ChoiceStore
from services.catalog.store.library.guide import GuideStore
from services.catalog.store.library.lists import ListStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.library.scans import ScanStore
from services.catalog.store.library.search import SearchStore
from services.catalog.store.library.shelves import ShelfStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Lists, search, and what profiles chose among them."""

    browse: Browse
    find: Find
    choices: LibraryChoices


def reading_of(database: Database, clock: Clock) -> Reading:
    lists, guide, choices = ListStore(database), GuideStore(database), ChoiceStore(database)
    shelves = Shelves(ShelfStore(database))
    browse = Browse(
        ProviderStore(database),
        lists,
        choices,
        places=Places(ScanStore(database)),
        shelves=shelves,
        views=Views(shelves, lists, guide, clock),
    )
    return Reading(
        browse=browse,
        find=Find(browse, SearchStore(database), guide, choices, clock),
        choices=LibraryChoices(choices, clock),
    )

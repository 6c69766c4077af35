"""Puts together what takes runs."""

from __future__ import annotations

from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.secrets import SecretBox
from services.catalog.library.gone import GoneItems
from services.catalog.library.indexing import Indexing
from services.catalog.library.take import Taking
from services.catalog.library.take_episodes import EpisodeTaking
from services.catalog.library.take_guide import GuideTaking
from services.catalog.library.take_items import ItemTables, ItemTaking
from services.catalog.store.library.batches import BatchStore
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.changes import ChangeStore
from services.catalog.store.library.counts import CountStore
from services.catalog.store.library.held import HeldHashes
from services.catalog.store.library.indexes import IndexStore
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.listed import ListedEpisodeStore
from services.catalog.store.library.programmes import ProgrammeStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.library.removal import RemovalStore
from services.catalog.store.library.runs import RunStore
from services.catalog.store.library.words import WordStore


def taking_of(database: Database, box: SecretBox, clock: Clock, *, max_removed: float) -> Taking:
    items, episodes, guide = ItemStore(database), ListedEpisodeStore(database), ProgrammeStore(database)
    batches = BatchStore(database, items, RemovalStore(database, items))
    categories, runs = CategoryStore(database), RunStore(database)
    indexing = Indexing(IndexStore(database), clock)
    tables = ItemTables(
        items=items,
        batches=batches,
        words=WordStore(database),
        counts=CountStore(database),
        categories=categories,
    )
    return Taking(
        ProviderStore(database),
        runs,
        categories=categories,
        changes=ChangeStore(database),
        hashes=HeldHashes(items, episodes, guide),
        items=ItemTaking(tables, indexing, box),
        gone=GoneItems(items, batches, categories, runs, max_removed=max_removed),
        episodes=EpisodeTaking(episodes, box, max_removed=max_removed),
        guide=GuideTaking(guide, clock),
        indexing=indexing,
        clock=clock,
    )

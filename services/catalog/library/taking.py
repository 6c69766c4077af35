"""Puts together what takes runs, and what looks after what they brought."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.secrets import SecretBox
from libs.common.tasks import Tasks
from services.catalog.library.clearing import Clearing
from services.catalog.library.gone import GoneItems
from services.catalog.library.indexing import Indexing
from services.catalog.library.take import Taking
from services.catalog.library.take_episodes import EpisodeTaking
from services.catalog.library.take_guide import GuideTaking
from services.catalog.library.take_items import ItemTables, ItemTaking
from services.catalog.library.upkeep import Holdings, Upkeep
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
from services.catalog.store.library.upkeep import UpkeepStore
from services.catalog.store.library.words import WordStore


@dataclass(frozen=True, slots=True)
class TakingParts:
    taking: Taking
    indexing: Indexing
    clearing: Clearing
    upkeep: Upkeep
    holdings: Holdings


def taking_of(
    database: Database, box: SecretBox, clock: Clock, *, tasks: Tasks, max_removed: float
) -> TakingParts:
    items, episodes, guide = ItemStore(database), ListedEpisodeStore(database), ProgrammeStore(database)
    batches = BatchStore(database, items, RemovalStore(database, items))
    categories, runs, changes = CategoryStore(database), RunStore(database), ChangeStore(database)
    providers, words = ProviderStore(database), WordStore(database)
    upkeep, indexing = UpkeepStore(database), Indexing(IndexStore(database), clock)
    gone = GoneItems(items, batches, categories, runs, max_removed=max_removed)
    tables = ItemTables(
        items=items, batches=batches, words=words, counts=CountStore(database), categories=categories
    )
    taking = Taking(
        providers,
        runs,
        categories=categories,
        changes=changes,
        hashes=HeldHashes(items, episodes, guide),
        items=ItemTaking(tables, indexing, box),
        gone=gone,
        episodes=EpisodeTaking(episodes, box, max_removed=max_removed),
        guide=GuideTaking(guide, clock),
        indexing=indexing,
        clock=clock,
    )
    return TakingParts(
        taking,
        indexing,
        Clearing(providers, runs, gone, guide, tasks=tasks),
        Upkeep(upkeep, words, items, tasks=tasks, clock=clock),
        Holdings(upkeep, providers, changes),
    )

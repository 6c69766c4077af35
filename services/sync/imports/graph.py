"""What bringing files takes, opened at start."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_handover import ViewingHandoverClient
from libs.common.contracts.viewing_upkeep import ViewingUpkeepClient
from libs.common.db import Database
from services.sync.imports.applying import Applying
from services.sync.imports.files import Files
from services.sync.imports.imports import Imports, IsAtWork, Queue
from services.sync.store.imports import ImportStore


@dataclass(frozen=True, slots=True)
class Importing:
    store: ImportStore
    applying: Applying
    files: Files
    viewing: ViewingClient
    upkeep: ViewingUpkeepClient
    clock: Clock

    def imports(self, *, queue: Queue, is_at_work: IsAtWork) -> Imports:
        return Imports(
            self.store,
            self.files,
            viewing=self.viewing,
            upkeep=self.upkeep,
            queue=queue,
            is_at_work=is_at_work,
            clock=self.clock,
        )


def importing(
    database: Database,
    *,
    catalog: CatalogClient,
    viewing: ViewingClient,
    upkeep: ViewingUpkeepClient,
    handing: ViewingHandoverClient,
    clock: Clock,
) -> Importing:
    store = ImportStore(database)
    applying = Applying(store, catalog=catalog, viewing=handing, clock=clock)
    return Importing(store, applying, Files(), viewing, upkeep, clock)

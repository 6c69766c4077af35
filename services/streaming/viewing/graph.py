"""Viewing state as it is put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from libs.common.clock import ms_of
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.names import NamesClient
from libs.common.contracts.sync import SyncClient
from libs.common.db import Database
from libs.common.graph import open_state_redis
from libs.common.ground import Ground
from services.streaming.sources.older_files import OlderFiles
from services.streaming.sources.resync import Resync
from services.streaming.sources.shows import Shows
from services.streaming.store.owners import OwnerStore
from services.streaming.store.viewing import ViewingStore
from services.streaming.store.viewing_outbox import OutboxStore
from services.streaming.store.viewing_sessions import SessionStore
from services.streaming.store.viewing_told import ToldStore
from services.streaming.store.viewing_upkeep import UpkeepStore
from services.streaming.viewing.applying import Applying
from services.streaming.viewing.begun import Signs
from services.streaming.viewing.hot import Hot, NoneHot
from services.streaming.viewing.journal import Journal
from services.streaming.viewing.known_as import KnownAs
from services.streaming.viewing.lists import Lists
from services.streaming.viewing.marks import Marks
from services.streaming.viewing.moving_in import MovingIn
from services.streaming.viewing.older import Older
from services.streaming.viewing.played_as import PlayedAs
from services.streaming.viewing.progress import Progress
from services.streaming.viewing.sessions import Sessions
from services.streaming.viewing.shows import ShowLists
from services.streaming.viewing.staging import Staging
from services.streaming.viewing.telling import Tellings
from services.streaming.viewing.upkeep import Upkeep

TIDY_EVERY_S: Final = 3600.0
RESUME_EVERY_S: Final = 60.0
"""What a replica left behind that ended while others live."""
SESSIONS_KEPT: Final = timedelta(days=90)
MARKS_KEPT: Final = timedelta(days=1)
EVENTS_KEPT: Final = timedelta(days=30)
"""Nobody makes use of events where nothing is linked."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """What handlers ask."""

    progress: Progress
    sessions: Sessions
    lists: Lists
    signs: Signs
    marks: Marks
    shows: ShowLists
    tellings: Tellings
    upkeep: Upkeep
    outbox: OutboxStore
    owners: OwnerStore
    moving_in: MovingIn


def open_viewing(
    ground: Ground, database: Database, catalog: CatalogClient, sync: SyncClient, *, watched_share: float
) -> Viewing:
    clock, tasks, store, hot = ground.clock, ground.tasks, ViewingStore(database), _hot(ground)
    known_as = KnownAs(NamesClient(catalog.service), clock=clock)
    played_as = PlayedAs(store, known_as, clock=clock)
    source = Shows(catalog)
    shows = ShowLists(store, source, known_as, clock=clock, tasks=tasks)
    journal = Journal(
        store, hot, watched_share=watched_share, clock=clock, tasks=tasks, metrics=ground.metrics
    )
    upkeep = UpkeepStore(database)

    async def tidy() -> None:
        now = clock.now()
        await upkeep.remove_old(
            sessions_before=ms_of(now - SESSIONS_KEPT),
            marks_before=ms_of(now - MARKS_KEPT),
            events_before=ms_of(now - EVENTS_KEPT),
        )

    tasks.every("tidy_viewing", TIDY_EVERY_S, tidy, clock=clock)
    told = ToldStore(database)
    applying = Applying(told, hot, watched_share=watched_share, clock=clock)
    tasks.every("resume_tellings", RESUME_EVERY_S, applying.resume, clock=clock, at_once=True)
    staging = Staging(told, applying, clock=clock, new_id=_new_id)
    tellings = Tellings(told, staging, applying, shows, clock=clock, tasks=tasks)
    older = Older(OlderFiles(ground.settings.data_dir / "import"), upkeep, tellings, clock=clock)
    tasks.spawn("take_older_files", older.take_all())
    return Viewing(
        progress=Progress(store, journal, hot, shows, known_as, played_as=played_as, clock=clock),
        sessions=Sessions(SessionStore(database), journal, clock=clock, new_id=_new_id),
        lists=Lists(store, shows, known_as, played_as=played_as, clock=clock),
        signs=Signs(store, source, clock=clock, tasks=tasks),
        marks=Marks(store, shows, hot, known_as, clock=clock, new_id=_new_id),
        shows=shows,
        tellings=tellings,
        upkeep=Upkeep(upkeep, tellings, Resync(sync), hot),
        outbox=OutboxStore(database),
        owners=OwnerStore(database),
        moving_in=MovingIn(told, hot, watched_share=watched_share, clock=clock),
    )


def _hot(ground: Ground) -> Hot:
    state = open_state_redis(ground, used_for="progress")
    if state is None:
        return NoneHot()
    from services.streaming.viewing.redis_hot import RedisHot  # noqa: PLC0415  loaded where there is one

    return RedisHot(state)


def _new_id() -> str:
    return uuid4().hex

"""What tells Trakt, built once per process."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.db import Database
from libs.common.metrics import Metrics
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from services.sync.outgoing import lanes, reading
from services.sync.outgoing.lanes import Lanes
from services.sync.outgoing.reading import Reading
from services.sync.outgoing.sending import Sending
from services.sync.outgoing.waiting import Waiting
from services.sync.store.connections import ConnectionStore
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore
from services.sync.trakt.access import Access

CALL_S = 10.0
"""Of one call to Trakt, waiting for its turn and a new token included."""


@dataclass(frozen=True, slots=True)
class OutgoingGraph:
    store: OutgoingStore
    reading: Reading
    lanes: Lanes
    waiting: Waiting

    def start(self, tasks: Tasks, clock: Clock) -> None:
        tasks.every("outgoing_read", reading.LOOK_S, self.reading.look, clock=clock)
        tasks.every("outgoing_send", lanes.LOOK_S, self.lanes.look, clock=clock)
        tasks.every("outgoing_upkeep", lanes.UPKEEP_S, self.lanes.upkeep, clock=clock)


def outgoing_graph(
    database: Database,
    viewing: ViewingClient,
    connections: ConnectionStore,
    access: Access,
    *,
    tasks: Tasks,
    clock: Clock,
    lease_s: float,
    watched_share: float,
    metrics: Metrics,
    call_s: float = CALL_S,
) -> OutgoingGraph:
    store, senders = OutgoingStore(database), SenderStore(database)
    sending = Sending(
        store,
        senders,
        connections,
        access,
        clock,
        sender=new_token(bytes_=9),
        call_s=call_s,
        lease_s=lease_s,
        metrics=metrics,
    )
    return OutgoingGraph(
        store=store,
        reading=Reading(viewing, connections, store, clock, watched_share=watched_share),
        lanes=Lanes(sending, store, senders, tasks=tasks, clock=clock),
        waiting=Waiting(store, senders, clock),
    )

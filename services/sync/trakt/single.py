"""Whether one title was watched, asked of Trakt itself: only until an account was read to its end, never for
rows, once for all who ask at a time, and within the same budget as everything else."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.tasks import Tasks
from libs.protocols.trakt.client import TraktClient
from libs.protocols.trakt.errors import NothingThere, TraktError
from services.sync.model import Owner
from services.sync.store.trakt_syncs import TraktSyncStore
from services.sync.trakt.access import Access
from services.sync.trakt.refusals import Refusal
from services.sync.trakt.rows import MOVIE, SERIES

WITHIN_S: Final = 2.0
"""How long Trakt is asked; whoever waits may go before."""
FRESH_MS: Final = 5 * 60 * 1000
MOST: Final = 20
"""Titles that are asked about at a time, of all profiles."""
_IMDB: Final = re.compile(r"tt[0-9]{1,12}")


class Singles:
    def __init__(self, store: TraktSyncStore, access: Access, tasks: Tasks, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._tasks = tasks
        self._clock = clock
        self._flights: dict[tuple[Owner, str, str], asyncio.Task[bool | None]] = {}

    async def watched(self, owner: Owner, type_: str, title_id: str, *, deadline: Deadline) -> bool | None:
        """None where the account was read, where there is none, and where nobody can say in time.

        While Trakt is away, what it said last counts, however long ago.
        """
        sync = await self._store.of(owner)
        if sync is None or sync.held.first_done_at is not None:
            return None
        if type_ not in (MOVIE, SERIES) or not _IMDB.fullmatch(title_id):
            return None
        asked = (owner, type_, title_id)
        flight = self._flights.get(asked)
        if flight is None:
            if len(self._flights) >= MOST:
                return None
            flight = self._flights[asked] = self._tasks.spawn("trakt_single", self._answer(*asked))
            flight.add_done_callback(lambda _done: self._flights.pop(asked, None))
        await asyncio.wait({flight}, timeout=deadline.remaining_s)
        return flight.result() if flight.done() and not flight.cancelled() else None

    async def _answer(self, owner: Owner, type_: str, title_id: str) -> bool | None:
        kept, now = await self._store.answer(owner, title_id), epoch_ms(self._clock)
        if kept is not None and 0 <= now - kept.at < FRESH_MS:
            return kept.watched
        until = Deadline.after(self._clock, WITHIN_S)
        try:
            client = await self._access.client(owner)
            said = None if isinstance(client, Refusal) else await _ask(client, type_, title_id, until)
        except TraktError:
            said = None
        if said is None:
            return None if kept is None else kept.watched
        await self._store.put_answer(owner, title_id, watched=said, at=now)
        return said


async def _ask(client: TraktClient, type_: str, title_id: str, until: Deadline) -> bool:
    """Two questions for a film, whose history goes by Trakt's own number; one for a show."""
    if type_ == SERIES:
        try:
            progress = await client.show_progress(title_id, deadline=until)
        except NothingThere:
            return False
        return 0 < (progress.aired or 0) <= (progress.completed or 0)
    ids = await client.find_movie(title_id, deadline=until)
    if ids is None or ids.trakt is None:
        return False
    plays = await client.history(type_="movies", id_=ids.trakt, limit=1, deadline=until)
    return bool(plays.items)

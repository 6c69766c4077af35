"""Taking over what an account at Trakt says: it is asked what has changed, that is read, and handed over.

What was begun is written down: it goes on from there, whoever goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing_handover import Among, Part, ToldCounts, ViewingHandoverClient
from libs.common.deadline import Deadline
from libs.protocols.trakt.errors import TraktError
from services.sync.model import LISTS, ListName, Owner
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.store.trakt_syncs import Doubt, Held, PageHead, Pass, TraktSyncStore
from services.sync.trakt.access import Access
from services.sync.trakt.activities import changed, markers
from services.sync.trakt.pages import Pages, Refused, Told, is_torn, is_whole
from services.sync.trakt.refusals import AWAY, DOUBTED, Refusal
from services.sync.trakt.tokens import refusal_of

SOURCE: Final = "trakt"
ASK_WITHIN_S: Final = 60.0
TELL_WITHIN_S: Final = 1800.0
STALE_MS: Final = 6 * 3600 * 1000
"""Pages that were read so long ago say nothing together with those that come."""
SURE_AFTER_MS: Final = 3600 * 1000
"""When what was not believed is, if it is still said: no outage of Trakt's is to be taken for a wish."""
FEW: Final = 10
_PARTS: Final[Mapping[ListName, tuple[Part, Among | None]]] = {
    "playback": ("playback", None),
    "watchlist": ("watchlist", None),
    "movies": ("watched", "films"),
    "shows": ("watched", "episodes"),
}
_OURS: Final = (AWAY, DOUBTED)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list. `skipped`: its items that no player could name."""

    counts: ToldCounts
    skipped: int


class Taking:
    def __init__(
        self,
        connections: ConnectionStore,
        store: TraktSyncStore,
        access: Access,
        *,
        viewing: ViewingHandoverClient,
        clock: Clock,
    ) -> None:
        self._connections = connections
        self._store = store
        self._access = access
        self._pages = Pages(access, store, clock)
        self._viewing = viewing
        self._clock = clock

    async def look(self, held: Connection, *, apart_s: float = 0.0, full: bool = False) -> Pass | None:
        """What there is to read: what was begun and not ended, else what has changed, which costs one call.

        None for nothing, and where somebody looked within `apart_s`. With `full`, all lists are read from
        their beginnings. Raises Refused, TraktError.
        """
        owner, now = held.owner, epoch_ms(self._clock)
        before = now - int(apart_s * 1000)
        if not await self._store.claim_look(owner, held.id, now=now, before=before):
            return None
        known = await self._known(owner)
        if not full and (going := self._fresh(known)) is not None:
            return going
        try:
            client = await self._access.client(owner)
            if isinstance(client, Refusal):
                raise Refused(client.text)
            asked = await client.last_activities(deadline=Deadline.after(self._clock, ASK_WITHIN_S))
        except TraktError as error:
            if not refusal_of(error):
                await self.away(held)
            raise
        wanted = markers(asked)
        left = LISTS if full else due(known, wanted, now)
        if not left:
            await self._done(held, known)
            return None
        await self._store.drop_pages(owner)
        if not known.seen:
            # They may be of another account that the profile was connected to.
            await self._store.drop_answers(owner)
        going = Pass(began_at=now, wanted=wanted, left=left, of=len(left))
        await self._store.change(owner, lambda held: msgspec.structs.replace(held, going=going))
        return going

    async def going(self, owner: Owner) -> Pass | None:
        """What was begun and not ended."""
        return self._fresh(await self._known(owner))

    async def take(self, owner: Owner, name: ListName, going: Pass, told: Told) -> Taken:
        """Read one list and hand it over. Raises Refused, PagesGone, TraktError, HeadgateError."""
        heads = await self._pages.read(owner, name, told)
        known, marker = await self._known(owner), going.wanted[name]
        before, whole = known.doubts.get(name), is_whole(heads)
        is_old = (
            before is not None
            and before.why == "guarded"
            and epoch_ms(self._clock) >= before.at + SURE_AFTER_MS
        )
        counts = await self._tell(owner, name, heads, whole=whole and not is_torn(heads), sure=is_old)
        if counts.guarded and known.seen.get(name, marker) != marker and await self._are_few(owner, name):
            counts = await self._tell(owner, name, heads, whole=True, sure=True)
        doubt = _doubt(before, counts, Doubt("guarded", marker, epoch_ms(self._clock)), whole=whole)
        await self._store.change(owner, lambda held: _taken(held, name, marker, doubt))
        await self._store.drop_pages(owner, name)
        return Taken(counts, sum(head.skipped for head in heads))

    async def _tell(
        self, owner: Owner, name: ListName, heads: Sequence[PageHead], *, whole: bool, sure: bool
    ) -> ToldCounts:
        part, among = _PARTS[name]
        return await self._viewing.tell(
            (owner.account_id, owner.profile_id),
            SOURCE,
            part,
            self._pages.rows(owner, name, heads),
            deadline=Deadline.after(self._clock, TELL_WITHIN_S),
            whole=whole,
            sure=sure,
            among=among,
        )

    async def _are_few(self, owner: Owner, name: ListName) -> bool:
        """Whether so little was told that its owner may well have taken out all of it, where Trakt says that
        something was changed: they wait for it to go."""
        parts = await self._viewing.told(
            (owner.account_id, owner.profile_id),
            source=SOURCE,
            deadline=Deadline.after(self._clock, ASK_WITHIN_S),
        )
        return sum(part.rows for part in parts if part.part == _PARTS[name][0]) <= FEW

    async def end(self, held: Connection) -> None:
        """All that was begun is taken over."""
        now = epoch_ms(self._clock)

        def ended(held: Held) -> Held:
            return msgspec.structs.replace(held, going=None, first_done_at=held.first_done_at or now)

        known = await self._store.change(held.owner, ended)
        await self._store.drop_answers(held.owner)
        await self._done(held, known or Held())

    async def away(self, held: Connection) -> None:
        """Trakt could not be asked, which passes."""
        await self._connections.remark(held.id, AWAY)

    async def _done(self, held: Connection, known: Held) -> None:
        doubted = any(doubt.why == "guarded" for doubt in known.doubts.values())
        if doubted or held.remark in _OURS:
            await self._connections.remark(held.id, DOUBTED if doubted else "")
        await self._connections.synced(held.id, at=epoch_ms(self._clock))

    def _fresh(self, known: Held) -> Pass | None:
        going = known.going
        return going if going is not None and epoch_ms(self._clock) - going.began_at < STALE_MS else None

    async def _known(self, owner: Owner) -> Held:
        sync = await self._store.of(owner)
        return Held() if sync is None else sync.held


def due(held: Held, wanted: Mapping[ListName, str], now: int) -> tuple[ListName, ...]:
    """The lists that changed, without those that are doubted until it is time to ask again."""

    def rests(name: ListName) -> bool:
        doubt = held.doubts.get(name)
        guarded = doubt is not None and doubt.why == "guarded" and doubt.marker == wanted[name]
        return guarded and doubt is not None and now < doubt.at + SURE_AFTER_MS

    return tuple(name for name in changed(held.seen, wanted) if not rests(name))


def _doubt(before: Doubt | None, counts: ToldCounts, guarded: Doubt, *, whole: bool) -> Doubt | None:
    """Why the list is to be read again. One that was uneven twice is taken as it is: nothing went of it."""
    if counts.guarded:
        first = before.at if before is not None and before.why == "guarded" else guarded.at
        return msgspec.structs.replace(guarded, at=first)
    if whole or (before is not None and before.why == "uneven"):
        return None
    return msgspec.structs.replace(guarded, why="uneven")


def _taken(held: Held, name: ListName, marker: str, doubt: Doubt | None) -> Held:
    seen = held.seen if doubt is not None else {**held.seen, name: marker}
    doubts = {other: one for other, one in held.doubts.items() if other != name}
    going = held.going
    if going is not None:
        left = tuple(other for other in going.left if other != name)
        going = msgspec.structs.replace(going, left=left)
    return msgspec.structs.replace(
        held, seen=seen, doubts=doubts if doubt is None else {**doubts, name: doubt}, going=going
    )

"""Where players are: one report, many that waited for a line, and what is known of a video."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import MAX_BATCH, ItemOutcome, ProgressItem, ProgressReport
from libs.common.errors import InvalidInput, PayloadTooLarge
from libs.common.identity import Identity
from services.streaming.errors import ProgressNotFound, VideoNotFound, ViewingFull
from services.streaming.store.viewing import ViewingStore
from services.streaming.viewing.hot import Hot
from services.streaming.viewing.journal import Journal
from services.streaming.viewing.known_as import KnownAs
from services.streaming.viewing.played_as import PlayedAs
from services.streaming.viewing.reading import report_of
from services.streaming.viewing.shows import ShowLists
from services.streaming.viewing_model import Owner, Recorded, Report, Video


class Progress:
    def __init__(
        self,
        store: ViewingStore,
        journal: Journal,
        hot: Hot,
        shows: ShowLists,
        known_as: KnownAs,
        *,
        played_as: PlayedAs,
        clock: Clock,
    ) -> None:
        self._store = store
        self._journal = journal
        self._hot = hot
        self._shows = shows
        self._known_as = known_as
        self._played_as = played_as
        self._clock = clock

    async def report(self, owner: Owner, identity: Identity, video_id: str, sent: ProgressReport) -> Recorded:
        """On disk on return. Raises InvalidInput, TooManyReports, Overloaded, ViewingFull."""
        report = report_of(owner, video_id, sent, now_ms=epoch_ms(self._clock))
        (done,) = await self._record(identity, [report])
        if isinstance(done, ViewingFull):
            raise done
        return done

    async def batch(
        self, owner: Owner, identity: Identity, items: Sequence[msgspec.Raw]
    ) -> tuple[list[ItemOutcome], bool]:
        """An outcome per item, and whether lists and marks are other than before.

        Raises PayloadTooLarge, TooManyReports, Overloaded; an item that can't be read, or that there is no
        room for, refuses no other.
        """
        if len(items) > MAX_BATCH:
            raise PayloadTooLarge(f"At most {MAX_BATCH} reports fit into one call.")
        now_ms = epoch_ms(self._clock)
        read = [_read(owner, item, now_ms) for item in items]
        reports = [one for one in read if isinstance(one, Report)]
        done = await self._record(identity, reports)
        outcomes = iter(done)
        told = [
            one if isinstance(one, ItemOutcome) else _outcome(one.place.video_id, next(outcomes))
            for one in read
        ]
        return told, any(isinstance(one, Recorded) and one.shows for one in done)

    async def get(self, owner: Owner, video_id: str) -> Video:
        """Raises ProgressNotFound. What was played by IMDb's id only, or by TMDB's, is answered by that."""
        video = await self._hot.get((owner, video_id)) or await self._store.video(owner, video_id)
        if video is None:
            other = await self._known_as.same(video_id) or await self._played_as.same(owner, video_id)
            video = None if other is None else await self._store.video(owner, other)
        if video is None:
            raise ProgressNotFound("Nothing of this video was played.")
        return video

    async def _record(self, identity: Identity, reports: Sequence[Report]) -> list[Recorded | ViewingFull]:
        done = await self._journal.record_each(reports)
        begun = {
            (report.owner, report.place.title_id)
            for report, one in zip(reports, done, strict=True)
            if isinstance(one, Recorded) and one.shows and report.place.video_id != report.place.title_id
        }
        for owner, title_id in begun:
            self._shows.renew_later(owner, identity, [title_id])
        return done


def _read(owner: Owner, item: msgspec.Raw, now_ms: int) -> Report | ItemOutcome:
    try:
        sent = msgspec.json.decode(item, type=ProgressItem)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return ItemOutcome(outcome="refused", reason=f"{error}.")
    try:
        return report_of(owner, sent.video_id, sent, now_ms=now_ms)
    except (InvalidInput, VideoNotFound) as error:
        return ItemOutcome(outcome="refused", video_id=sent.video_id[:500], reason=error.detail)


def _outcome(video_id: str, done: Recorded | ViewingFull) -> ItemOutcome:
    if isinstance(done, ViewingFull):
        return ItemOutcome(outcome="refused", video_id=video_id, reason=done.detail)
    return ItemOutcome(outcome="superseded" if done.superseded else "accepted", video_id=video_id)

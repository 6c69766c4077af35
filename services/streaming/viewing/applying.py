"""What was told and waits, applied in short transactions between those of players."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing_handover import ListedRow, Part, ToldCounts, WatchedRow
from libs.common.errors import HeadgateError
from services.streaming.errors import ViewingFull
from services.streaming.store.viewing_told import ToldChange, ToldStore
from services.streaming.told_model import Known, Staged, State, Teller, ToldRow
from services.streaming.viewing.bounds import grown
from services.streaming.viewing.hot import Hot
from services.streaming.viewing.told import is_nothing, is_same, listed, merged, own_of, retold
from services.streaming.viewing_model import Held, Owner, Place, Title

BATCH: Final = 25
"""Rows in one transaction: players' reports wait for it where there is one writer."""
_VIDEOS: Final[tuple[Part, ...]] = ("watched", "playback")

log = structlog.get_logger(__name__)


class Applying:
    def __init__(self, store: ToldStore, hot: Hot, *, watched_share: float, clock: Clock) -> None:
        self._store = store
        self._hot = hot
        self._watched_share = watched_share
        self._clock = clock

    async def finish(self, teller: Teller) -> None:
        """All that is staged, whoever staged it."""
        while await self._step(teller):
            pass

    async def resume(self) -> None:
        """What a process that ended left behind."""
        for teller in await self._store.unfinished():
            log.info("telling_resumed", source=teller.source.partition(":")[0], part=teller.part)
            try:
                await self.finish(teller)
            except HeadgateError as error:
                log.warning("telling_not_resumed", code=error.code)

    async def _step(self, teller: Teller) -> bool:
        """Whether there is more."""
        try:
            async with self._store.changing(teller.owner) as change:
                telling = await change.telling(teller)
                if telling is None or telling.state != "applying":
                    raise _NothingLeft  # rolls back: of an owner that is gone nothing comes back
                step = await self._applied(change, teller)
                counts = step.tally.added_to(telling.counts)
                state: State = "applying" if step.has_more else "done"
                held = telling.held + step.tally.added - step.tally.removed
                await change.put_telling(teller, replace(telling, counts=counts, held=held, state=state))
        except _NothingLeft:
            return False
        await self._hot.expect([(teller.owner, id_) for id_ in step.moved])
        return step.has_more

    async def _applied(self, change: ToldChange, teller: Teller) -> _Step:
        staged = await change.staged(teller, limit=BATCH + 1)
        now, later = staged[:BATCH], staged[BATCH:]
        step = _Step(
            change,
            teller,
            (await change.held([teller.owner]))[teller.owner],
            watched_share=self._watched_share,
            now_ms=epoch_ms(self._clock),
            goes_on_with=later[0].title_id if later else None,
        )
        if now:
            await (step.take_listed(now) if teller.part == "watchlist" else step.take_videos(now))
            await change.unstage(teller, [one.id for one in now])
            await change.put_held({teller.owner: step.held})
        return step


class _NothingLeft(Exception):
    """There is nothing to apply, or nobody to apply it to."""


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0
    refused: int = 0

    def note(self, was: ToldRow | None, now: ToldRow | None, *, kept: bool) -> None:
        self.added += was is None and now is not None
        self.changed += was is not None and now is not None
        self.removed += was is not None and now is None
        self.kept += kept

    def added_to(self, counts: ToldCounts) -> ToldCounts:
        return msgspec.structs.replace(
            counts,
            added=counts.added + self.added,
            changed=counts.changed + self.changed,
            removed=counts.removed + self.removed,
            kept=counts.kept + self.kept,
            refused=counts.refused + self.refused,
        )


@dataclass(slots=True)
class _Step:
    """One transaction's worth. `goes_on_with`: the title whose videos the next one begins with."""

    change: ToldChange
    teller: Teller
    held: Held
    watched_share: float
    now_ms: int
    goes_on_with: str | None
    tally: _Tally = field(default_factory=_Tally)
    titles: dict[str, Title] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    _stored: set[str] = field(default_factory=set)
    """Of the titles those that were there before."""

    @property
    def has_more(self) -> bool:
        return self.goes_on_with is not None

    @property
    def owner(self) -> Owner:
        return self.teller.owner

    async def take_videos(self, staged: Sequence[Staged]) -> None:
        ids = [one.id for one in staged]
        known = await self.change.known(self.owner, ids)
        told = await self.change.told_of(self.owner, ids, _VIDEOS)
        of = {one.id: known[one.id].now.place.title_id if one.id in known else one.title_id for one in staged}
        await self._read_titles(set(of.values()))
        taken, put, gone = list[Staged](), list[Known](), list[str]()
        aired = dict[str, int]()
        for one in staged:
            was, rows = known.get(one.id), told.get(one.id, {})
            former = self._replaced(rows, one)
            now = self._merged(one, was, rows)
            if isinstance(now, ViewingFull):
                self.tally.refused += 1
                continue
            taken.append(one)
            is_kept = is_same(None if was is None else was.now, None if now is None else now.now)
            self.tally.note(former, one.row, kept=is_kept)
            if not is_kept:
                self.moved.append(one.id)
            if now is None:
                gone += [one.id] if was is not None else []
            elif now != was:
                put.append(now)
            if isinstance(one.row, WatchedRow):
                aired[of[one.id]] = max(aired.get(of[one.id], 0), one.row.aired)
        await self._write_told(taken)
        await self.change.put_known(self.owner, put)
        await self.change.remove_videos((self.owner, id_) for id_ in gone)
        self.held = replace(self.held, videos=self.held.videos - len(gone))
        await self._write_titles({id_: aired.get(id_, 0) for id_ in of.values()})

    async def take_listed(self, staged: Sequence[Staged]) -> None:
        ids = [one.id for one in staged]
        told = await self.change.told_of(self.owner, ids, ("watchlist",))
        await self._read_titles(set(ids))
        left = await self.change.left_listed(self.owner, ids)
        taken, put = list[Staged](), dict[str, int | None]()
        for one in staged:
            rows = told.get(one.id, {})
            former = self._replaced(rows, one)
            was = self.titles.get(one.id)
            try:
                title = self._title(one.id, one.row)
            except ViewingFull:
                self.tally.refused += 1
                continue
            since = [row for row in rows.values() if isinstance(row, ListedRow)]
            self.titles[one.id], put[one.id] = listed(title, left.get(one.id), since)
            taken.append(one)
            is_kept = was is not None and self.titles[one.id].listed_at == was.listed_at
            self.tally.note(former, one.row, kept=is_kept)
        await self._write_told(taken)
        await self._put_titles([self.titles[one.id] for one in taken])
        await self.change.put_left_listed(self.owner, put)

    def _replaced(self, rows: dict[tuple[str, Part], ToldRow], one: Staged) -> ToldRow | None:
        """What the source said before; afterwards the rows say what is said now."""
        key = (self.teller.source, self.teller.part)
        former = rows.pop(key, None)
        if one.row is not None:
            rows[key] = one.row
        return former

    def _merged(
        self, one: Staged, was: Known | None, rows: dict[tuple[str, Part], ToldRow]
    ) -> Known | ViewingFull | None:
        own = own_of(was)
        if was is not None:
            place = was.now.place
        elif one.row is not None and not isinstance(one.row, ListedRow):
            place = Place(one.id, one.title_id, one.row.type, one.row.season, one.row.episode)
        else:
            return None
        now = merged(own, list(rows.values()), place, watched_share=self.watched_share)
        if now is None:
            return None
        try:
            self._title(place.title_id, one.row, joins=was is None)
        except ViewingFull as error:
            return error
        return Known(now, own, now) if rows else Known(now)

    def _title(self, id_: str, row: ToldRow | None, *, joins: bool = False) -> Title:
        """With what the row says where nothing is known, and room for it. Raises ViewingFull."""
        title = self.titles.get(id_)
        if title is None or joins:
            self.held = grown(self.held, title, videos=int(joins), joining=int(joins))
        if title is None:
            title = Title(title_id=id_, type="movie" if row is None else row.type)
        self.titles[id_] = title = msgspec.structs.replace(
            title,
            name=title.name or ("" if row is None else row.name),
            poster=title.poster or (None if row is None else row.poster or None),
            videos=title.videos + joins,
        )
        return title

    async def _read_titles(self, ids: set[str]) -> None:
        found = await self.change.titles([(self.owner, id_) for id_ in ids])
        self.titles = {title_id: title for (_, title_id), title in found.items()}
        self._stored = set(self.titles)

    async def _write_told(self, taken: Sequence[Staged]) -> None:
        await self.change.put_told(self.teller, [one for one in taken if one.row is not None])
        await self.change.remove_told(self.teller, [one.id for one in taken if one.row is None])

    async def _write_titles(self, aired: dict[str, int]) -> None:
        """As their videos make them. One whose videos are not all applied yet comes with the last of them."""
        ids = [id_ for id_ in aired if id_ in self.titles]
        whole = [(self.owner, id_) for id_ in ids if id_ != self.goes_on_with]
        videos = await self.change.videos_of(whole)
        lists = await self.change.episodes(whole)
        for key in whole:
            title = self.titles[key[1]]
            self.titles[key[1]] = retold(title, videos[key], lists.get(key), aired[key[1]], self.now_ms)
        await self._put_titles([self.titles[id_] for id_ in ids])

    async def _put_titles(self, titles: Sequence[Title]) -> None:
        gone = [one for one in titles if is_nothing(one)]
        await self.change.put_titles(
            {(self.owner, one.title_id): one for one in titles if not is_nothing(one)}
        )
        await self.change.remove_titles(self.owner, [one for one in gone if one.title_id in self._stored])
        self.held = replace(self.held, titles=self.held.titles - len(gone))

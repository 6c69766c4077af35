"""Viewing state taken along from another hub. What was done here later holds, and twice is once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeAlias

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import Id, Number, Text, TypeName
from libs.common.contracts.viewing_handover import Moment, Part
from libs.common.moving import Outcome
from services.streaming.errors import ViewingFull
from services.streaming.store.viewing_told import ToldChange, ToldStore
from services.streaming.told_model import Known, ToldRow
from services.streaming.viewing.bounds import grown
from services.streaming.viewing.hot import Hot
from services.streaming.viewing.told import merged, own_of, retold
from services.streaming.viewing_model import Held, Owner, Place, Title, Video

_TOLD: Final[tuple[Part, ...]] = ("watched", "playback")
Milliseconds: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class MovedTitle(msgspec.Struct, frozen=True, kw_only=True):
    title_id: Id
    type: TypeName
    name: Text
    poster: Text | None
    last_video_id: Id | None
    last_at: Moment
    dismissed_at: Moment
    listed_at: Moment | None
    unlisted_at: Moment
    watched_at: Moment | None


class MovedVideo(msgspec.Struct, frozen=True, kw_only=True):
    video_id: Id
    title_id: Id
    type: TypeName
    season: Number | None
    episode: Number | None
    position_ms: Milliseconds
    duration_ms: Milliseconds
    finished: bool
    watched: bool
    watched_at: Moment | None
    marked_at: Moment
    plays: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    at: Moment


class MovingIn:
    def __init__(self, store: ToldStore, hot: Hot, *, watched_share: float, clock: Clock) -> None:
        self._store = store
        self._hot = hot
        self._watched_share = watched_share
        self._clock = clock

    async def titles(self, owner: Owner, moved: Sequence[MovedTitle], *, look: bool) -> list[Outcome]:
        """One by one what became of them."""
        try:
            async with self._store.changing(owner) as change:
                step = await self._step(change, owner, {one.title_id for one in moved})
                found = [step.take_title(one) for one in moved]
                if look:
                    raise _OnlyLooked
                await change.put_titles({(owner, id_): step.titles[id_] for id_ in step.touched})
                await change.put_held({owner: step.held})
        except _OnlyLooked:
            pass
        return found

    async def videos(self, owner: Owner, moved: Sequence[MovedVideo], *, look: bool) -> list[Outcome]:
        """One by one what became of them."""
        ids = [one.video_id for one in moved]
        put: dict[str, Known] = {}
        try:
            async with self._store.changing(owner) as change:
                known = await change.known(owner, ids)
                told = await change.told_of(owner, ids, _TOLD)
                places = {id_: one.now.place.title_id for id_, one in known.items()}
                titles = {places.get(one.video_id, one.title_id) for one in moved}
                step = await self._step(change, owner, titles)
                found: list[Outcome] = []
                for one in moved:
                    was = put.get(one.video_id) or known.get(one.video_id)
                    now = step.video(one, was, list(told.get(one.video_id, {}).values()))
                    if isinstance(now, Known):
                        put[one.video_id] = now
                        step.touched.add(now.now.place.title_id)
                    found.append("added" if isinstance(now, Known) else now)
                if look:
                    raise _OnlyLooked
                await change.put_known(owner, put.values())
                await self._write_titles(change, owner, step)
                await change.put_held({owner: step.held})
        except _OnlyLooked:
            return found
        await self._hot.expect([(owner, id_) for id_ in put])
        return found

    async def _step(self, change: ToldChange, owner: Owner, titles: set[str]) -> _Step:
        found = await change.titles([(owner, id_) for id_ in titles])
        held = (await change.held([owner]))[owner]
        return _Step(held, {id_: title for (_, id_), title in found.items()}, self._watched_share)

    async def _write_titles(self, change: ToldChange, owner: Owner, step: _Step) -> None:
        """As their videos make them."""
        keys = [(owner, id_) for id_ in step.touched]
        videos, lists = await change.videos_of(keys), await change.episodes(keys)
        now_ms = epoch_ms(self._clock)
        await change.put_titles(
            {key: retold(step.titles[key[1]], videos[key], lists.get(key), 0, now_ms) for key in keys}
        )


class _OnlyLooked(Exception):
    """Nothing is left of the change, not even that it was begun."""


@dataclass(slots=True)
class _Step:
    """One transaction's worth: what it finds, and what of the titles is other than that."""

    held: Held
    titles: dict[str, Title]
    watched_share: float
    touched: set[str] = field(default_factory=set)

    def take_title(self, moved: MovedTitle) -> Outcome:
        was = self.titles.get(moved.title_id)
        if was is None:
            try:
                self.held = grown(self.held, None, videos=0, joining=0)
            except ViewingFull:
                return "refused"
        now = _with_moved(was or Title(title_id=moved.title_id, type=moved.type), moved)
        if now == was:
            return "there"
        self.titles[moved.title_id] = now
        self.touched.add(moved.title_id)
        return "added"

    def video(self, moved: MovedVideo, was: Known | None, told: list[ToldRow]) -> Known | Outcome:
        """The video after it; or why nothing of it changes."""
        place = Place(moved.video_id, moved.title_id, moved.type, moved.season, moved.episode)
        place = place if was is None else was.now.place
        own = own_of(was)
        mine = _later(own, _video(moved, place))
        if own is not None and mine == own:
            return "there"
        now = merged(mine, told, place, watched_share=self.watched_share)
        if was is None:
            title = self.titles.get(place.title_id)
            try:
                self.held = grown(self.held, title, videos=1, joining=1)
            except ViewingFull:
                return "refused"
            title = title or Title(title_id=place.title_id, type=place.type)
            self.titles[place.title_id] = msgspec.structs.replace(title, videos=title.videos + 1)
        return Known(now or mine, mine, now or mine) if told else Known(mine)


def _video(moved: MovedVideo, place: Place) -> Video:
    return Video(
        place=place,
        position_ms=moved.position_ms,
        duration_ms=moved.duration_ms,
        finished=moved.finished,
        watched=moved.watched,
        watched_at=moved.watched_at,
        marked_at=moved.marked_at,
        plays=moved.plays,
        at=moved.at,
    )


def _later(here: Video | None, moved: Video) -> Video:
    """What was done last holds; what was seen at either hub was seen, unless somebody unmarked it later."""
    if here is None:
        return moved
    older, newer = sorted((moved, here), key=lambda one: max(one.at, one.marked_at))
    plays = max(older.plays, newer.plays)
    seen_at = max(older.watched_at or 0, older.at if older.watched else 0)
    if older.watched and not newer.watched and seen_at > newer.marked_at:
        return msgspec.structs.replace(newer, watched=True, watched_at=older.watched_at, plays=plays)
    return msgspec.structs.replace(newer, plays=plays)


def _with_moved(title: Title, moved: MovedTitle) -> Title:
    title = msgspec.structs.replace(
        title,
        name=title.name or moved.name,
        poster=title.poster or moved.poster or None,
        dismissed_at=max(title.dismissed_at, moved.dismissed_at),
    )
    if moved.last_at > title.last_at and moved.last_video_id is not None:
        title = msgspec.structs.replace(title, last_at=moved.last_at, last_video_id=moved.last_video_id)
    if max(moved.listed_at or 0, moved.unlisted_at) > max(title.listed_at or 0, title.unlisted_at):
        title = msgspec.structs.replace(title, listed_at=moved.listed_at, unlisted_at=moved.unlisted_at)
    return title

"""What people say by hand: watched or not, to be watched later, not to be continued. Marks can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import EventKind, NewMark
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.protocols.stremio.ids import split_video_id
from services.streaming.errors import EpisodesUnknown, MarkNotFound, TitleNotFound
from services.streaming.store.viewing import ViewingStore
from services.streaming.store.viewing_change import ViewingChange
from services.streaming.viewing.bounds import grown
from services.streaming.viewing.hot import Hot
from services.streaming.viewing.known_as import KnownAs
from services.streaming.viewing.reading import place_of, text_of, type_of
from services.streaming.viewing.rules import continued, last_after, marked
from services.streaming.viewing.shows import ShowLists, with_list
from services.streaming.viewing_model import (
    MOVIE,
    SERIES,
    Episodes,
    Event,
    Former,
    Mark,
    Owner,
    Place,
    Title,
    Video,
)


class Marks:
    def __init__(
        self,
        store: ViewingStore,
        shows: ShowLists,
        hot: Hot,
        known_as: KnownAs,
        *,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._shows = shows
        self._hot = hot
        self._known_as = known_as
        self._clock = clock
        self._new_id = new_id

    async def mark(
        self, owner: Owner, identity: Identity, id_: str, new: NewMark, *, watched: bool, deadline: Deadline
    ) -> tuple[Mark, int]:
        """The mark, and how many videos are other than before. Raises EpisodesUnknown, InvalidInput,
        ViewingFull."""
        id_ = await self._meant(owner, id_)
        title_id, places = await self._marked(owner, identity, id_, new, watched=watched, deadline=deadline)
        now_ms = epoch_ms(self._clock)
        await self._hot.expect([(owner, place.video_id) for place in places])
        async with self._store.changing([owner]) as change:
            state = await _State.read(change, owner, title_id)
            former = state.title
            after = {
                place.video_id: marked(
                    state.videos.get(place.video_id), Video(place=place, at=now_ms), watched=watched
                )
                for place in places
            }
            changed = {id_: one for id_, one in after.items() if _differs(state.videos.get(id_), one)}
            await _make_room(change, owner, former, sum(id_ not in state.videos for id_ in changed))
            mark = Mark(self._new_id(), owner, title_id, now_ms, state.former_of(changed))
            title = _named(former or Title(title_id=title_id, type=places[0].type), new)
            title = last_after(title, state.videos | changed, [*changed], state.order, watched=watched)
            await state.write(change, title, changed, now_ms)
            await change.keep_mark(mark)
        await self._hot.expect([(owner, id_) for id_ in changed])
        return mark, len(changed)

    async def undo(self, owner: Owner, mark_id: str) -> None:
        """Everything is as it was, but for what was played since. Raises MarkNotFound."""
        now_ms = epoch_ms(self._clock)
        async with self._store.changing([owner]) as change:
            mark = await change.take_mark(owner, mark_id)
            if mark is None:
                raise MarkNotFound("There is no such mark, or it is too old to be undone.")
            state = await _State.read(change, owner, mark.title_id)
            untouched = {
                id_: former
                for id_, former in mark.former.videos
                if id_ in state.videos and state.videos[id_].at == max(mark.at, former.at if former else 0)
            }
            gone = [id_ for id_, former in untouched.items() if former is None]
            await change.remove_videos((owner, id_) for id_ in gone)
            held = (await change.held([owner]))[owner]
            await change.put_held({owner: replace(held, videos=held.videos - len(gone))})
            await _put_back(change, state, mark, untouched, now_ms)
        await self._hot.expect([(owner, id_) for id_ in untouched])

    async def put_on_watchlist(self, owner: Owner, identity: Identity, title_id: str, new: NewMark) -> None:
        """Raises InvalidInput, ViewingFull."""
        title_id = await self._meant(owner, title_id)
        now_ms, key = epoch_ms(self._clock), (owner, title_id)
        async with self._store.changing([owner]) as change:
            title = (await change.titles([key])).get(key)
            await _make_room(change, owner, title, 0)
            named = _named(title or Title(title_id=title_id, type=type_of(new.type, MOVIE)), new)
            if named.listed_at is None:
                named = msgspec.structs.replace(named, listed_at=now_ms)
                await change.tell([_listed(owner, named, "watchlist_added", now_ms)], now_ms)
            await change.put_titles({key: named})
        if named.type == SERIES:
            self._shows.renew_later(owner, identity, [title_id])

    async def take_off_watchlist(self, owner: Owner, title_id: str) -> None:
        title_id = await self._meant(owner, title_id)
        now_ms, key = epoch_ms(self._clock), (owner, title_id)
        async with self._store.changing([owner]) as change:
            title = (await change.titles([key])).get(key)
            if title is None or title.listed_at is None:
                return
            await change.put_titles({key: msgspec.structs.replace(title, listed_at=None, unlisted_at=now_ms)})
            await change.tell([_listed(owner, title, "watchlist_removed", now_ms)], now_ms)

    async def dismiss(self, owner: Owner, title_id: str, *, dismissed: bool) -> None:
        """Out of what to continue until it is played again, or back. Raises TitleNotFound."""
        key = (owner, title_id)
        async with self._store.changing([owner]) as change:
            title = (await change.titles([key])).get(key)
            if title is None:
                raise TitleNotFound("Nothing of this title was played.")
            at = max(epoch_ms(self._clock), title.last_at) if dismissed else 0
            await change.put_titles({key: msgspec.structs.replace(title, dismissed_at=at)})

    async def _meant(self, owner: Owner, id_: str) -> str:
        """By which id it is known: IMDb's, where nothing is known by the one that is told."""
        other = await self._known_as.same(id_)
        if other is None:
            return id_
        own, same = [
            await self._store.title(owner, split_video_id(each).title) is not None for each in (id_, other)
        ]
        return other if same and not own else id_

    async def _marked(
        self, owner: Owner, identity: Identity, id_: str, new: NewMark, *, watched: bool, deadline: Deadline
    ) -> tuple[str, Sequence[Place]]:
        """The title and the videos that are meant."""
        place = place_of(id_, type_=new.type, title_id=new.title_id)
        if place.video_id == place.title_id:
            known = await self._store.video(owner, id_)
            place = place if known is None else known.place
        if place.video_id == place.title_id and new.season is None:
            title = await self._store.title(owner, id_)
            type_ = new.type or (title.type if title else MOVIE)
            if type_ != SERIES:
                return id_, [place]
        if place.video_id != place.title_id and place.episode is not None:
            return place.title_id, [place]
        return place.title_id, await self._episodes(
            owner, identity, place, new.season, watched=watched, deadline=deadline
        )

    async def _episodes(
        self,
        owner: Owner,
        identity: Identity,
        place: Place,
        season: int | None,
        *,
        watched: bool,
        deadline: Deadline,
    ) -> Sequence[Place]:
        """Of the show, of a season of it, or the one whose id only its list can tell."""
        title_id = place.title_id
        show = await self._shows.watched(owner, identity, title_id, deadline=deadline)
        listed = show.episodes.items if show.episodes is not None else ()
        now_ms = epoch_ms(self._clock)
        places = [
            Place(one.video_id, title_id, SERIES, one.season, one.episode)
            for one in listed
            if one.has_aired(now_ms) or not watched
        ]
        if place.video_id != title_id:
            wanted = [one for one in places if one.video_id == place.video_id] or [place]
        elif season is not None:
            wanted = [one for one in places if (1 if one.season is None else one.season) == season]
        else:
            wanted = [one for one in places if one.counts]
        if not wanted:
            raise EpisodesUnknown("Nobody can tell the episodes of this show now.")
        return wanted


class _State:
    """What is known of a title inside one transaction."""

    def __init__(
        self, owner: Owner, title: Title | None, videos: dict[str, Video], episodes: Episodes
    ) -> None:
        self.owner = owner
        self.title = title
        self.videos = videos
        self.episodes = episodes
        self.order = {one.video_id: at for at, one in enumerate(episodes.items)}

    @classmethod
    async def read(cls, change: ViewingChange, owner: Owner, title_id: str) -> _State:
        key = (owner, title_id)
        return cls(
            owner,
            (await change.titles([key])).get(key),
            (await change.videos_of([key]))[key],
            (await change.episodes([key])).get(key, Episodes((), 0)),
        )

    def former_of(self, ids: Iterable[str]) -> Former:
        return Former(self.title, tuple((id_, self.videos.get(id_)) for id_ in ids))

    async def write(
        self, change: ViewingChange, title: Title, changed: Mapping[str, Video], now_ms: int
    ) -> None:
        """The changed videos, and the title as they make it."""
        former = self.videos
        videos = {**former, **changed}
        seen = [one.watched_at for one in videos.values() if one.watched_at is not None]
        title = msgspec.structs.replace(title, watched_at=max(seen, default=None))
        if self.episodes.items:
            title = with_list(title, self.episodes, videos, now_ms)
        else:
            completed = sum(one.watched and one.place.counts for one in videos.values())
            title = msgspec.structs.replace(title, completed=completed, videos=len(videos))
            title = continued(title, videos.get(title.last_video_id or ""), (), ())
        await change.put_videos({(self.owner, id_): one for id_, one in changed.items()})
        await change.put_titles({(self.owner, title.title_id): title})
        await change.tell(
            [
                _said(self.owner, one, now_ms)
                for id_, one in changed.items()
                if one.watched != (id_ in former and former[id_].watched)
            ],
            now_ms,
        )


async def _make_room(change: ViewingChange, owner: Owner, title: Title | None, videos: int) -> None:
    """For so many new videos of the title. Raises ViewingFull."""
    if title is not None and not videos:
        return
    held = (await change.held([owner]))[owner]
    await change.put_held({owner: grown(held, title, videos=videos, joining=videos)})


async def _put_back(
    change: ViewingChange, state: _State, mark: Mark, untouched: Mapping[str, Video | None], now_ms: int
) -> None:
    former, title = mark.former.title, state.title
    if title is None:
        return
    gone = [state.videos.pop(id_) for id_, video in untouched.items() if video is None]
    back = {id_: video for id_, video in untouched.items() if video is not None}
    if len(untouched) == len(mark.former.videos):
        # Nothing was played since: what was last is what was last before.
        title = msgspec.structs.replace(
            title,
            last_video_id=None if former is None else former.last_video_id,
            last_at=0 if former is None else former.last_at,
        )
    elif title.last_video_id not in state.videos:
        title = last_after(title, state.videos | back, [], state.order, watched=False)
    await state.write(change, title, back, now_ms)
    unsaid = [msgspec.structs.replace(one, watched=False) for one in gone if one.watched]
    await change.tell([_said(state.owner, one, now_ms) for one in unsaid], now_ms)


def _differs(was: Video | None, now: Video) -> bool:
    if was is None:
        return now.watched
    return (was.watched, was.finished, was.is_begun) != (now.watched, now.finished, now.is_begun)


def _named(title: Title, new: NewMark) -> Title:
    return msgspec.structs.replace(
        title,
        type=title.type if new.type is None else type_of(new.type, MOVIE),
        name=text_of("name", new.name) or title.name,
        poster=text_of("poster", new.poster) or title.poster,
    )


def _said(owner: Owner, video: Video, now_ms: int) -> Event:
    return Event(
        owner=owner,
        kind="watched" if video.watched else "unwatched",
        place=video.place,
        position_ms=video.position_ms,
        duration_ms=video.duration_ms,
        at=now_ms,
    )


def _listed(owner: Owner, title: Title, kind: EventKind, now_ms: int) -> Event:
    place = Place(title.title_id, title.title_id, title.type)
    return Event(owner=owner, kind=kind, place=place, position_ms=0, duration_ms=0, at=now_ms)

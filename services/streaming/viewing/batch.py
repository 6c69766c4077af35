"""Reports that are written together, and what they make of what was known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.streaming.errors import ViewingFull
from services.streaming.store.viewing_change import ViewingChange
from services.streaming.viewing.bounds import grown
from services.streaming.viewing.rules import continued, events_of, joins, played, recorded
from services.streaming.viewing_model import (
    Event,
    Held,
    Owner,
    Recorded,
    Report,
    SessionCount,
    Title,
    TitleKey,
    Video,
    VideoKey,
)


@dataclass(slots=True)
class Batch:
    """What is known of all that the reports are about, as it becomes report by report. Made by
    `read_batch`."""

    videos: dict[VideoKey, Video]
    titles: dict[TitleKey, Title]
    held: dict[Owner, Held] = field(default_factory=dict)
    """Of those who report what was not known."""
    events: list[Event] = field(default_factory=list)
    counts: list[SessionCount] = field(default_factory=list)
    moved: set[TitleKey] = field(default_factory=set)
    """Titles of which something else comes next now."""

    def is_new(self, report: Report) -> bool:
        """Whether it makes more be kept, of the profile or of its title."""
        return report.title_key not in self.titles or joins(self.videos.get(report.key), report.place)

    def take(self, report: Report, watched_share: float) -> Recorded | ViewingFull:
        former, was = self.videos.get(report.key), self.titles.get(report.title_key)
        if self.is_new(report):
            more, joining = int(former is None), int(joins(former, report.place))
            try:
                self.held[report.owner] = grown(self.held[report.owner], was, videos=more, joining=joining)
            except ViewingFull as error:
                return error
        done = recorded(former, report, watched_share)
        self.events += events_of(report.owner, report, done, former)
        self.videos[report.key] = done.video
        title = self.titles[report.title_key] = played(was, done, former, report)
        if done.shows or (was is not None and was.last_video_id != title.last_video_id):
            self.moved.add(report.title_key)
        if report.session_id:
            self.counts.append(_count(report))
        return done

    async def write(self, change: ViewingChange, now_ms: int) -> None:
        await self._find_next(change)
        await change.put_videos(self.videos)
        await change.put_titles(self.titles)
        await change.put_held(self.held)
        await change.tell(self.events, now_ms)
        await change.count(self.counts)

    async def _find_next(self, change: ViewingChange) -> None:
        """What comes after videos that were finished, or begun again."""
        # Of one that is not finished, that one comes next: nothing has to be looked for.
        shows = {key for key in self.moved if not self._is_under_way(key)}
        lists = await change.episodes(shows) if shows else {}
        watched = await change.watched_of(shows) if shows else {}
        lasts = {last for key in shows if (last := self._last_of(key)) is not None} - self.videos.keys()
        known = self.videos | (await change.videos(lasts) if lasts else {})
        for (owner, _), video in self.videos.items():
            key = owner, video.place.title_id
            if video.watched and key in watched:
                watched[key].add(video.place.video_id)
        for key in self.moved:
            last = self._last_of(key)
            episodes = lists[key].items if key in lists else ()
            self.titles[key] = continued(
                self.titles[key], known.get(last) if last else None, episodes, watched.get(key, ())
            )

    def _is_under_way(self, key: TitleKey) -> bool:
        last = self._last_of(key)
        return last is not None and last in self.videos and not self.videos[last].finished

    def _last_of(self, key: TitleKey) -> VideoKey | None:
        last_id = self.titles[key].last_video_id
        return None if last_id is None else (key[0], last_id)


async def read_batch(change: ViewingChange, reports: Sequence[Report]) -> Batch:
    batch = Batch(
        await change.videos({one.key for one in reports}),
        await change.titles({one.title_key for one in reports}),
    )
    newcomers = {one.owner for one in reports if batch.is_new(one)}
    if newcomers:
        batch.held = await change.held(newcomers)
    return batch


def _count(report: Report) -> SessionCount:
    return SessionCount(
        owner=report.owner,
        id=report.session_id,
        event=report.event,
        position_ms=report.position_ms,
        duration_ms=report.duration_ms,
        at=report.at,
    )

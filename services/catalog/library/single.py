"""One item of the library with everything that is told of it, and what channels show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.library import (
    ChannelView,
    EpisodeView,
    Guide,
    GuideQuery,
    MovieView,
    SeasonView,
    SeriesView,
    TitleDetails,
)
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput
from services.catalog.library.browse import Browse
from services.catalog.library.details import Details
from services.catalog.library.views import moment, programme_view
from services.catalog.library_model import Detailed, Episode, Item, number_of, public_id
from services.catalog.model import Owner
from services.catalog.store.library.guide import GuideStore

BEFORE_S: Final = 2 * 3600
AFTER_S: Final = 24 * 3600
LONGEST_S: Final = 7 * 24 * 3600
MOST_PROGRAMMES: Final = 5000
"""A week of a hundred channels has ten times as many: whoever wants those asks in parts."""


@dataclass(frozen=True, slots=True)
class Window:
    """Epoch seconds."""

    start: int
    stop: int


class Single:
    """Everything about one item, or about what some channels show."""

    def __init__(self, browse: Browse, details: Details, guide: GuideStore, clock: Clock) -> None:
        self._browse = browse
        self._details = details
        self._guide = guide
        self._clock = clock

    async def movie(self, owner: Owner, public: str, *, deadline: Deadline) -> MovieView:
        """Raises ItemNotFound, as the others do."""
        item = await self._browse.item(owner, "movies", public)
        detailed = await self._details.of_movie(owner, item.id, deadline=deadline)
        view, versions = await self._browse.with_versions(owner, item)
        return MovieView(item=view, details=_details(item, detailed), versions=versions)

    async def series(self, owner: Owner, public: str, *, deadline: Deadline) -> SeriesView:
        item = await self._browse.item(owner, "series", public)
        detailed = await self._details.of_series(owner, item.id, deadline=deadline)
        view, versions = await self._browse.with_versions(owner, item)
        return SeriesView(
            item=view,
            details=_details(item, detailed),
            seasons=_seasons(detailed),
            versions=versions,
            problem=detailed.problem,
        )

    async def channel(self, owner: Owner, public: str) -> ChannelView:
        item = await self._browse.item(owner, "channels", public)
        (shown,) = (await self._shown(owner, [item.id], self._window(None, None))).items
        return shown

    async def guide(self, owner: Owner, query: GuideQuery) -> Guide:
        """Raises InvalidInput for a time that is too long or runs backwards."""
        asked = [number for public in query.channels if (number := number_of(public)) is not None]
        return await self._shown(owner, asked, self._window(query.start, query.stop))

    async def _shown(self, owner: Owner, ids: Sequence[int], window: Window) -> Guide:
        views = await self._browse.channels(owner, ids)
        programmes = await self._guide.between(
            [key for _, key in views], start=window.start, stop=window.stop, most=MOST_PROGRAMMES
        )
        return Guide(
            tuple(
                ChannelView(item=view, programmes=tuple(map(programme_view, programmes.get(key, ()))))
                for view, key in views
            )
        )

    def _window(self, start: datetime | None, stop: datetime | None) -> Window:
        now = int(self._clock.now().timestamp())
        if start is not None:
            begin = _seconds(start)
        elif stop is not None:
            begin = max(min(now, _seconds(stop)) - BEFORE_S, _seconds(stop) - LONGEST_S)
        else:
            begin = now - BEFORE_S
        end = min(max(begin, now) + AFTER_S, begin + LONGEST_S) if stop is None else _seconds(stop)
        if not 0 <= end - begin <= LONGEST_S:
            raise InvalidInput("A guide goes forward, and over a week at most.", fields={"to": "not valid"})
        return Window(begin, end)


def _seconds(at: datetime) -> int:
    return int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())


def _details(item: Item, detailed: Detailed) -> TitleDetails:
    """What the provider says when asked, and what its list says where that is nothing."""
    told, listed = detailed.told, item.told()
    return TitleDetails(
        plot=told.plot or listed.plot,
        cast=told.cast or listed.cast,
        director=told.director or listed.director,
        backdrop=told.backdrops[0] if told.backdrops else listed.backdrop,
        trailer=told.trailer or listed.trailer,
        duration_s=listed.duration_s if told.duration_s is None else told.duration_s,
    )


def _seasons(detailed: Detailed) -> tuple[SeasonView, ...]:
    """With their episodes: a season that is only named, or only has episodes, is one too."""
    names = {season.number: season.name for season in detailed.seasons}
    by_season = sorted(detailed.episodes, key=lambda each: each.season)
    episodes = {number: tuple(each) for number, each in groupby(by_season, key=lambda each: each.season)}
    return tuple(
        SeasonView(
            number=number,
            name=names.get(number, ""),
            episodes=tuple(map(_episode, episodes.get(number, ()))),
        )
        for number in sorted(names.keys() | episodes.keys())
    )


def _episode(episode: Episode) -> EpisodeView:
    return EpisodeView(
        id=public_id(episode.id),
        season=episode.season,
        number=episode.number,
        title=episode.title,
        plot=episode.plot,
        air_date=episode.air_date,
        picture=episode.picture,
        duration_s=episode.duration_s,
        added_at=moment(episode.added) if episode.added > 0 else None,
    )

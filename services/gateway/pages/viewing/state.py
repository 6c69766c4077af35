"""What a profile has watched of one title: where it stopped, which episodes it has seen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from aiohttp import web

from libs.common.contracts.viewing import LIVE, EpisodeState, ProgressView, ShowProgress, TitleFlags
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SYNC, VIEWING
from services.gateway.pages.model import Seen
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.read import watch_href
from services.gateway.pages.viewing.words import WORTH_RESUMING_S, part, place

STATE_WAIT_S: Final = 0.8
SHOW_WAIT_S: Final = 6.0
"""Of a show nobody has begun, the episodes are asked for first: as long as the page waits for its facts."""
SHOWS: Final = frozenset({"series", "anime"})


@dataclass(frozen=True, slots=True)
class Play:
    """What to play next, and how the button says it."""

    href: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleState:
    """`is_away`: nobody can say. `seen` has the episodes of which anything was watched."""

    is_away: bool = False
    in_watchlist: bool = False
    watched: bool = False
    play: Play | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict)
    aired: int = 0
    completed: int = 0

    @property
    def is_unknown(self) -> bool:
        """Whether nothing was watched of it that anybody here knows of."""
        return not (self.watched or self.seen or self.completed)

    @property
    def whole(self) -> frozenset[str]:
        """The episodes that were watched."""
        return frozenset(id_ for id_, seen in self.seen.items() if seen.watched)


async def title_state(
    request: web.Request, identity: Identity, type_: str, title_id: str
) -> TitleState | None:
    """None for what is live. Whatever goes wrong is a value."""
    if type_ in LIVE:
        return None
    deadline = deadline_of(request)
    try:
        if type_ in SHOWS:
            show = await request.app[VIEWING].show(identity, title_id, deadline=deadline.sooner(SHOW_WAIT_S))
            state = _of_show(type_, title_id, show)
        else:
            state = await _of_film(request, identity, type_, title_id, deadline.sooner(STATE_WAIT_S))
    except HeadgateError:
        lacks_part()
        return TitleState(is_away=True)
    if state.is_unknown and await _says_trakt(request, identity, type_, title_id):
        return replace(state, watched=True)
    return state


async def _says_trakt(request: web.Request, identity: Identity, type_: str, title_id: str) -> bool:
    """Whether Trakt says that it was watched, where the profile's account there is being read for the first
    time, and nobody here has said otherwise. The page does without it."""
    deadline = deadline_of(request).sooner(STATE_WAIT_S)
    try:
        if title_id in await request.app[VIEWING].flags(identity, [title_id], deadline=deadline):
            return False
        said = await request.app[SYNC].watched_at_trakt(identity, type_, title_id, deadline=deadline)
    except HeadgateError:
        return False
    return said is True


async def _of_film(
    request: web.Request, identity: Identity, type_: str, title_id: str, deadline: Deadline
) -> TitleState:
    viewing = request.app[VIEWING]
    flags, progress = await asyncio.gather(
        viewing.flags(identity, [title_id], deadline=deadline),
        viewing.progress(identity, title_id, deadline=deadline),
    )
    known = flags.get(title_id, TitleFlags())
    return TitleState(
        in_watchlist=known.in_watchlist,
        watched=known.watched,
        play=Play(watch_href(type_, title_id, title_id), _film_words(progress)) if type_ == "movie" else None,
    )


def _film_words(progress: ProgressView | None) -> str:
    if progress is None or progress.finished or progress.position_s < WORTH_RESUMING_S:
        return "Play"
    return f"Resume at {place(progress.position_s)}"


def _of_show(type_: str, title_id: str, show: ShowProgress) -> TitleState:
    seen = {
        episode.video_id: Seen(episode.share, episode.watched)
        for episode in show.episodes
        if episode.watched or episode.share > 0
    }
    upcoming = show.next
    return TitleState(
        in_watchlist=show.in_watchlist,
        watched=show.watched,
        play=None
        if upcoming is None
        else Play(watch_href(type_, upcoming.video_id, title_id), _episode_words(upcoming)),
        seen=seen,
        aired=show.aired,
        completed=show.completed,
    )


def _episode_words(episode: EpisodeState) -> str:
    which = part(episode.season, episode.episode) or "next episode"
    if episode.finished or episode.position_s < WORTH_RESUMING_S:
        return f"Play {which}"
    return f"Resume {which} at {place(episode.position_s)}"

"""The lists of an account at Trakt that are read, and by what it shows that one has changed."""

from __future__ import annotations

from collections.abc import Mapping

from libs.protocols.trakt.wire import Activities
from services.sync.model import LISTS, ListName


def markers(activities: Activities) -> dict[ListName, str]:
    """Of each list a text that is another once something in it was added, changed or removed.

    Times are compared by being the same, never by order: clocks may be wrong, Trakt's as well as ours.
    """
    movies, episodes, shows = activities.movies, activities.episodes, activities.shows
    listed = (
        activities.watchlist.updated_at,
        movies.watchlisted_at,
        shows.watchlisted_at,
        activities.seasons.watchlisted_at,
        episodes.watchlisted_at,
    )
    return {
        "playback": _marker(movies.paused_at, episodes.paused_at),
        "watchlist": _marker(*listed),
        "movies": _marker(movies.watched_at),
        "shows": _marker(episodes.watched_at),
    }


def changed(seen: Mapping[ListName, str], now: Mapping[ListName, str]) -> tuple[ListName, ...]:
    return tuple(name for name in LISTS if seen.get(name) != now[name])


def _marker(*times: str | None) -> str:
    return "|".join(time or "" for time in times)

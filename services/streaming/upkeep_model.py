"""How much is kept of a profile's viewing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Counts of rows. `size_bytes` is about what they take."""

    titles: int
    watched_films: int
    watched_episodes: int
    begun: int
    watchlist: int
    lists: int
    events: int
    size_bytes: int

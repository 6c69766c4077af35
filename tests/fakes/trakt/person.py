"""One account at Trakt: what it has watched, wants to watch and has paused, and when that last changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from libs.common.clock import Clock
from tests.fakes.trakt.titles import Episode, Json, Movie, Show

Watchable = Movie | Episode
Listable = Movie | Show | Episode
Kind = Literal["movie", "show", "episode"]

FIRST_ID = 2**53 + 1
"""Of plays and pauses: they have 64 bits, and whoever reads them as floats sees another."""
FREE_WATCHLIST, VIP_WATCHLIST = 250, 5000
MAX_PLAYS = 100_000
_GROUPS: dict[str, tuple[str, ...]] = {
    "movies": (
        *("watched_at", "collected_at", "rated_at", "watchlisted_at", "favorited_at"),
        *("commented_at", "paused_at", "hidden_at"),
    ),
    "episodes": ("watched_at", "collected_at", "rated_at", "watchlisted_at", "commented_at", "paused_at"),
    "shows": ("rated_at", "watchlisted_at", "favorited_at", "commented_at", "hidden_at", "dropped_at"),
    "seasons": ("rated_at", "watchlisted_at", "commented_at", "hidden_at"),
    "comments": ("liked_at", "reacted_at", "blocked_at"),
    "lists": ("liked_at", "reacted_at", "updated_at", "commented_at"),
    "watchlist": ("updated_at",),
    "favorites": ("updated_at",),
    "collaborations": ("updated_at",),
    "account": ("settings_at", "followed_at", "following_at", "pending_at", "requested_at"),
    "saved_filters": ("updated_at",),
    "notes": ("updated_at",),
}


@dataclass
class Play:
    id: int
    item: Watchable
    at_ms: int
    action: str = "watch"


@dataclass
class Listed:
    id: int
    item: Listable
    at_ms: int


@dataclass
class Paused:
    id: int
    item: Watchable
    progress: float
    at_ms: int


class LimitReached(Exception):
    """The account may hold no more."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass
class Person:
    """`locked` is empty, "locked" or "deactivated"."""

    name: str
    clock: Clock
    vip: bool = True
    locked: str = ""
    watchlist_limit: int | None = None
    plays: list[Play] = field(default_factory=list)
    watchlist: dict[Listable, Listed] = field(default_factory=dict)
    paused: dict[Watchable, Paused] = field(default_factory=dict)
    resets: dict[Show, int] = field(default_factory=dict)
    """When a show was begun anew."""
    version: int = 0
    """Moves with each change."""
    _changed: dict[str, int] = field(default_factory=dict)
    _last_ms: int = 0
    _next_id: int = FIRST_ID

    @property
    def now_ms(self) -> int:
        return int(self.clock.time() * 1000)

    @property
    def list_limit(self) -> int:
        if self.watchlist_limit is not None:
            return self.watchlist_limit
        return VIP_WATCHLIST if self.vip else FREE_WATCHLIST

    def watch(self, item: Watchable, at_ms: int | None = None, *, action: str = "watch") -> Play:
        """One more play, whatever was there before. Raises LimitReached."""
        if len(self.plays) >= MAX_PLAYS:
            raise LimitReached(MAX_PLAYS)
        play = Play(self._new_id(), item, self.now_ms if at_ms is None else at_ms, action)
        self.plays.append(play)
        self._touch(f"{kind_of(item)}s.watched_at")
        # What was watched isn't waited for any more.
        for waiting in (item, item.show if isinstance(item, Episode) else item):
            if waiting in self.watchlist:
                self.unlist(waiting)
        return play

    def unwatch(self, item: Watchable) -> int:
        """All plays of it; how many there were."""
        return self._drop([play for play in self.plays if play.item == item])

    def forget_plays(self, ids: Iterable[int]) -> tuple[Counter[str], list[int]]:
        """By their ids: how many were dropped, by kind, and which ids are unknown."""
        wanted = set(ids)
        gone = [play for play in self.plays if play.id in wanted]
        self._drop(gone)
        return Counter(kind_of(play.item) for play in gone), sorted(wanted - {play.id for play in gone})

    def list_(self, item: Listable) -> bool:
        """Whether it was not on the watchlist. Raises LimitReached."""
        if item in self.watchlist:
            return False
        if len(self.watchlist) >= self.list_limit:
            raise LimitReached(self.list_limit)
        self.watchlist[item] = Listed(self._new_id(), item, self.now_ms)
        self._touch(f"{kind_of(item)}s.watchlisted_at", "watchlist.updated_at")
        return True

    def unlist(self, item: Listable) -> bool:
        if self.watchlist.pop(item, None) is None:
            return False
        self._touch(f"{kind_of(item)}s.watchlisted_at", "watchlist.updated_at")
        return True

    def pause(self, item: Watchable, progress: float) -> Paused:
        self.paused[item] = Paused(self._new_id(), item, progress, self.now_ms)
        self._touch(f"{kind_of(item)}s.paused_at")
        return self.paused[item]

    def unpause(self, item: Watchable) -> bool:
        if self.paused.pop(item, None) is None:
            return False
        self._touch(f"{kind_of(item)}s.paused_at")
        return True

    def reset(self, show: Show) -> None:
        """Begin it anew: what was watched of it before counts no more."""
        self.resets[show] = self.now_ms
        self._touch("episodes.watched_at")

    def activities(self) -> Json:
        told: Json = {"all": moment(max(self._changed.values(), default=0))}
        for group, names in _GROUPS.items():
            told[group] = {name: moment(self._changed.get(f"{group}.{name}", 0)) for name in names}
        return told

    def settings(self) -> Json:
        return {
            "user": {
                "username": self.name,
                "name": self.name.title(),
                "vip": self.vip,
                "ids": {"slug": self.name},
            },
            "account": {"timezone": "Europe/Berlin", "date_format": "dmy"},
            "limits": {
                "list": {"count": 100 if self.vip else 5, "item_count": self.list_limit},
                "watchlist": {"item_count": self.list_limit},
            },
        }

    def plays_of(self, item: Watchable) -> list[Play]:
        return [play for play in self.plays if play.item == item]

    def _drop(self, gone: list[Play]) -> int:
        ids = {play.id for play in gone}
        self.plays = [play for play in self.plays if play.id not in ids]
        for kind in {kind_of(play.item) for play in gone}:
            self._touch(f"{kind}s.watched_at")
        return len(gone)

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _touch(self, *groups: str) -> None:
        # Two changes in one millisecond are still two.
        self._last_ms = max(self.now_ms, self._last_ms + 1)
        self.version += 1
        self._changed |= dict.fromkeys(groups, self._last_ms)


def kind_of(item: Any) -> Kind:
    if isinstance(item, Movie):
        return "movie"
    return "show" if isinstance(item, Show) else "episode"


def moment(at_ms: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"

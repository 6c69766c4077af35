"""Asking Trakt for one user: one question, one answer, no memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from libs.common.deadline import Deadline
from libs.common.http import Fetched, FetchError, FetchLimits
from libs.protocols.trakt.answers import Page, raise_for_status, read, read_page, unavailable
from libs.protocols.trakt.app import TraktApp, check_credential
from libs.protocols.trakt.wire import (
    Activities,
    Found,
    HistoryItem,
    Ids,
    PlaybackItem,
    Settings,
    ShowProgress,
    WatchedMovie,
    WatchedShow,
    WatchlistItem,
)
from libs.protocols.trakt.writing import Changed, Items, Scrobble, ScrobbleAction, ScrobbleBody, Scrobbled

API_URL: Final = "https://api.trakt.tv"
PAGE_ITEMS: Final = 250
"""More is cut to it without a word."""
PROGRESS_ITEMS: Final = 100
"""The same, with `extended=progress`."""

CallKind = Literal["read", "write"]
HistoryType = Literal["movies", "shows", "seasons", "episodes"]

T = TypeVar("T")


class Pace(Protocol):
    """Who counts the calls of an account at Trakt, and lets one wait for its turn."""

    async def take(self, kind: CallKind, deadline: Deadline | None) -> None:
        """Awaited before each call. What it raises is raised to who asks, and nothing is sent."""
        ...


class Asker(Protocol):
    """What sends the questions: a Fetcher, or what stands before one and knows newer tokens than we."""

    async def get(
        self,
        url: str,
        *,
        limits: FetchLimits = ...,
        headers: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Fetched: ...

    async def send(
        self,
        method: Literal["POST", "PUT", "DELETE"],
        url: str,
        body: bytes,
        *,
        limits: FetchLimits = ...,
        headers: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Fetched: ...


class Unpaced:
    """For tests and tools."""

    async def take(self, kind: CallKind, deadline: Deadline | None) -> None:
        return None


class TraktClient:
    """Raises only TraktError, and what its pace raises. No retry, no cache, no breaker."""

    def __init__(
        self,
        fetcher: Asker,
        app: TraktApp,
        access_token: str,
        base_url: str = API_URL,
        *,
        pace: Pace | None = None,
        timeout_s: float = 30.0,
        max_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        self._fetcher = fetcher
        self._base_url = base_url.rstrip("/")
        self._headers = {**app.headers, "Authorization": f"Bearer {check_credential(access_token)}"}
        self._pace = pace or Unpaced()
        # A redirect could take the token elsewhere, and the API knows none.
        self._limits = FetchLimits(max_bytes=max_bytes, total_s=timeout_s, max_redirects=0)

    async def settings(self, *, deadline: Deadline | None = None) -> Settings:
        return read(await self._get("/users/settings", {}, deadline), Settings)

    async def last_activities(self, *, deadline: Deadline | None = None) -> Activities:
        return read(await self._get("/sync/last_activities", {}, deadline), Activities)

    async def watched_movies(
        self, page: int = 1, *, limit: int = PAGE_ITEMS, deadline: Deadline | None = None
    ) -> Page[WatchedMovie]:
        return await self._page("/sync/watched/movies", page, limit, WatchedMovie, deadline)

    async def watched_shows(
        self, page: int = 1, *, limit: int = PROGRESS_ITEMS, deadline: Deadline | None = None
    ) -> Page[WatchedShow]:
        """With their seasons and episodes."""
        more = {"extended": "progress"}
        return await self._page("/sync/watched/shows", page, limit, WatchedShow, deadline, more)

    async def watchlist(
        self, page: int = 1, *, limit: int = PAGE_ITEMS, deadline: Deadline | None = None
    ) -> Page[WatchlistItem]:
        return await self._page("/sync/watchlist", page, limit, WatchlistItem, deadline)

    async def playback(
        self, page: int = 1, *, limit: int = PAGE_ITEMS, deadline: Deadline | None = None
    ) -> Page[PlaybackItem]:
        """What was paused, with how long it is."""
        more = {"extended": "full"}
        return await self._page("/sync/playback", page, limit, PlaybackItem, deadline, more)

    async def history(
        self,
        page: int = 1,
        *,
        type_: HistoryType | None = None,
        id_: int | None = None,
        start_at: str | None = None,
        end_at: str | None = None,
        limit: int = PAGE_ITEMS,
        deadline: Deadline | None = None,
    ) -> Page[HistoryItem]:
        """Plays, the newest first. `id_` is Trakt's own and needs a type."""
        path = "".join(f"/{part}" for part in ("sync", "history", type_, id_) if part is not None)
        times = {name: at for name, at in (("start_at", start_at), ("end_at", end_at)) if at is not None}
        return await self._page(path, page, limit, HistoryItem, deadline, times)

    async def find_movie(self, imdb_id: str, *, deadline: Deadline | None = None) -> Ids | None:
        """A film's ids by that of IMDb; None for what is none that Trakt knows."""
        asked = await self._get(f"/search/imdb/{quote(imdb_id, safe='')}", {"type": "movie"}, deadline)
        found = read_page(asked, Found, asked=1).items
        return next((one.movie.ids for one in found if one.movie is not None), None)

    async def show_progress(self, imdb_id: str, *, deadline: Deadline | None = None) -> ShowProgress:
        """Of a show by its id of IMDb. Raises NothingThere."""
        path = f"/shows/{quote(imdb_id, safe='')}/progress/watched"
        return read(await self._get(path, {}, deadline), ShowProgress)

    async def add_history(self, items: Items, *, deadline: Deadline | None = None) -> Changed:
        """Not idempotent: each call adds plays. Where one's outcome is unknown, look first."""
        return await self._change("/sync/history", items, Changed, deadline)

    async def remove_history(self, items: Items, *, deadline: Deadline | None = None) -> Changed:
        """The plays of `items.ids`, and all plays of each item that is named otherwise."""
        return await self._change("/sync/history/remove", items, Changed, deadline)

    async def add_watchlist(self, items: Items, *, deadline: Deadline | None = None) -> Changed:
        """Raises LimitReached."""
        return await self._change("/sync/watchlist", items, Changed, deadline)

    async def remove_watchlist(self, items: Items, *, deadline: Deadline | None = None) -> Changed:
        return await self._change("/sync/watchlist/remove", items, Changed, deadline)

    async def scrobble(
        self, action: ScrobbleAction, progress: float, item: Scrobble, *, deadline: Deadline | None = None
    ) -> Scrobbled:
        """`progress` is in hundredths. Raises Conflict for a play that is there, Unprocessable below 1."""
        body = ScrobbleBody(movie=item.movie, show=item.show, episode=item.episode, progress=progress)
        return await self._change(f"/scrobble/{action}", body, Scrobbled, deadline)

    async def _page(  # noqa: PLR0917  # one call's parts, all of them this class's own
        self,
        path: str,
        page: int,
        limit: int,
        into: type[T],
        deadline: Deadline | None,
        more: Mapping[str, str] | None = None,
    ) -> Page[T]:
        query = {"page": str(page), "limit": str(limit), **(more or {})}
        return read_page(await self._get(path, query, deadline), into, asked=page)

    async def _get(self, path: str, query: Mapping[str, str], deadline: Deadline | None) -> Fetched:
        await self._pace.take("read", deadline)
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        try:
            fetched = await self._fetcher.get(
                f"{self._base_url}{path}{asked}",
                limits=self._limits,
                headers=self._headers,
                deadline=deadline,
            )
        except FetchError as error:
            raise unavailable(error, writes=False) from error
        raise_for_status(fetched)
        return fetched

    async def _change(self, path: str, body: msgspec.Struct, into: type[T], deadline: Deadline | None) -> T:
        return read(await self._post(path, msgspec.json.encode(body), deadline), into, writes=True)

    async def _post(self, path: str, body: bytes, deadline: Deadline | None) -> Fetched:
        await self._pace.take("write", deadline)
        try:
            fetched = await self._fetcher.send(
                "POST",
                f"{self._base_url}{path}",
                body,
                limits=self._limits,
                headers=self._headers,
                deadline=deadline,
            )
        except FetchError as error:
            raise unavailable(error, writes=True) from error
        raise_for_status(fetched, writes=True)
        return fetched

"""Viewing state as it is read: one video, lists, marks of many titles at once."""

# ruff: noqa: S608  # only tables' names, fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

import msgspec

from libs.common.contracts.viewing import ViewingList
from libs.common.db import Database
from services.streaming.store.viewing_change import ViewingChange, changing
from services.streaming.store.viewing_rows import (
    OWNED,
    TITLE,
    VIDEO,
    bound,
    episodes_of,
    gathered,
    given,
    joined_video,
    nested,
    title_of,
    video_of,
)
from services.streaming.viewing_model import Entry, Episodes, Flagged, Owner, Title, Video

_TITLE = ", ".join(f"t.{name}" for name in TITLE)
_MARKED: Final = (
    "COALESCE(v.position_ms, 0)",
    "COALESCE(v.duration_ms, 0)",
    "COALESCE(v.finished, FALSE)",
    "COALESCE(v.watched, FALSE)",
    "t.title_id",
    "t.type",
    "t.listed_at",
    "t.completed",
    "t.aired",
    "t.airs_at",
)
"""What marks are made of, as in `Flagged`: rows ask for a hundred at a time."""
# SQLite writes its flags as 0 and 1.
_FLAGGED: Final = msgspec.json.Decoder(list[Flagged], strict=False)


class _Aliased(msgspec.Struct, frozen=True):
    """Of what a source told."""

    alias: str = ""


_ALIASED: Final = msgspec.json.Decoder(_Aliased)
_LISTED: Final[dict[ViewingList, tuple[str, str]]] = {
    "continue": ("t.last_at", "t.continues_at <= :now AND t.last_at > t.dismissed_at"),
    "watched": ("t.watched_at", "t.watched_at IS NOT NULL"),
    "watchlist": ("t.listed_at", "t.listed_at IS NOT NULL"),
}
"""By what each list is sorted, and what is in it."""


class ViewingStore:
    """What profiles watch. Every call is scoped by account and profile."""

    def __init__(self, database: Database) -> None:
        self._db = database
        dialect = database.dialect
        self._flags = (
            f"SELECT {gathered(dialect, *_MARKED, nested(dialect, 'e.told'))} AS found FROM viewing_titles t"
            f" LEFT JOIN viewing_videos v ON {_same('v')} AND v.video_id = t.last_video_id"
            f" LEFT JOIN viewing_episodes e ON {_same('e')} AND e.title_id = t.title_id"
            " AND t.airs_at <= :now"
            # Joined to them, SQLite goes through all that the profile has, and for each through all ids.
            " WHERE t.account_id = :account_id AND t.profile_id = :profile_id"
            f" AND {given(dialect, 't.title_id')}"
        )

    def changing(self, owners: Iterable[Owner]) -> AbstractAsyncContextManager[ViewingChange]:
        return changing(self._db, owners)

    async def video(self, owner: Owner, video_id: str) -> Video | None:
        row = await self._db.fetch_one(
            f"SELECT {', '.join(VIDEO)} FROM viewing_videos WHERE {OWNED} AND video_id = :video_id",
            **bound(owner),
            video_id=video_id,
        )
        return None if row is None else video_of(row)

    async def title(self, owner: Owner, title_id: str) -> Title | None:
        row = await self._db.fetch_one(
            f"SELECT {', '.join(TITLE)} FROM viewing_titles WHERE {OWNED} AND title_id = :title_id",
            **bound(owner),
            title_id=title_id,
        )
        return None if row is None else title_of(row)

    async def videos_of(self, owner: Owner, title_id: str) -> dict[str, Video]:
        rows = await self._db.fetch_all(
            f"SELECT {', '.join(VIDEO)} FROM viewing_videos WHERE {OWNED} AND title_id = :title_id",
            **bound(owner),
            title_id=title_id,
        )
        videos = [video for row in rows if (video := video_of(row)) is not None]
        return {video.place.video_id: video for video in videos}

    async def episodes(self, owner: Owner, title_id: str) -> Episodes | None:
        row = await self._db.fetch_one(
            f"SELECT told, told_at FROM viewing_episodes WHERE {OWNED} AND title_id = :title_id",
            **bound(owner),
            title_id=title_id,
        )
        return None if row is None else Episodes(episodes_of(row["told"]), row["told_at"])

    async def page(
        self, owner: Owner, which: ViewingList, *, limit: int, behind: tuple[int, str] | None, now_ms: int
    ) -> list[Entry]:
        """Newest first, from behind the entry sorted by that time and id."""
        sorted_by, holds = _LISTED[which]
        on = "COALESCE(t.next_video_id, t.last_video_id)" if which == "continue" else "t.last_video_id"
        after = (
            f" AND ({sorted_by} < :behind_at OR ({sorted_by} = :behind_at AND t.title_id < :behind_id))"
            if behind
            else ""
        )
        behind_at, behind_id = behind or (0, "")
        rows = await self._db.fetch_all(
            f"SELECT {_TITLE}, {sorted_by} AS sorted_by, {joined_video()} FROM viewing_titles t"
            f" LEFT JOIN viewing_videos v ON {_same('v')} AND v.video_id = {on}"
            f" WHERE t.account_id = :account_id AND t.profile_id = :profile_id AND {holds}{after}"
            f" ORDER BY {sorted_by} DESC, t.title_id DESC LIMIT :limit",
            **bound(owner),
            limit=limit,
            now=now_ms,
            behind_at=behind_at,
            behind_id=behind_id,
        )
        return [Entry(title_of(row), video_of(row, "v_"), row["sorted_by"]) for row in rows]

    async def flags(self, owner: Owner, ids: Sequence[str], *, now_ms: int) -> list[Flagged]:
        """Of those of the titles that anything is known of, in one statement."""
        asked = msgspec.json.encode(ids).decode()
        row = await self._db.fetch_one(self._flags, **bound(owner), ids=asked, now=now_ms)
        return _FLAGGED.decode(row["found"]) if row is not None and row["found"] else []

    async def aliases(self, owner: Owner, video_ids: Sequence[str]) -> dict[str, str]:
        """By which other ids sources know the titles of those videos, where they say one."""
        rows = await self._db.fetch_all(
            f"SELECT id, told FROM viewing_told WHERE {OWNED} AND {given(self._db.dialect, 'id')}",
            **bound(owner),
            ids=msgspec.json.encode(video_ids).decode(),
        )
        known = ((row["id"], _ALIASED.decode(row["told"]).alias) for row in rows)
        return {id_: alias for id_, alias in known if alias}

    async def last_at(self, owner: Owner, title_ids: Sequence[str]) -> dict[str, int]:
        """When those of the titles that the profile knows were last played, or put out of the way."""
        rows = await self._db.fetch_all(
            f"SELECT title_id, last_at, dismissed_at FROM viewing_titles WHERE {OWNED}"
            f" AND {given(self._db.dialect, 'title_id')}",
            **bound(owner),
            ids=msgspec.json.encode(title_ids).decode(),
        )
        return {row["title_id"]: max(row["last_at"], row["dismissed_at"]) for row in rows}

    async def numbered(self, owner: Owner, limit: int) -> list[str]:
        """The titles that the profile knows by numbers of TMDB's, the last played first."""
        rows = await self._db.fetch_all(
            # Between these stands what begins so, however an engine sorts.
            f"SELECT title_id FROM viewing_titles WHERE {OWNED} AND title_id > 'tmdb' AND title_id < 'tmdc'"
            " ORDER BY last_at DESC LIMIT :limit",
            **bound(owner),
            limit=limit,
        )
        return [row["title_id"] for row in rows]

    async def stale_shows(self, owner: Owner, *, told_before: int, limit: int) -> list[str]:
        """Shows whose list of episodes is old or missing, the last watched first."""
        rows = await self._db.fetch_all(
            f"SELECT t.title_id FROM viewing_titles t LEFT JOIN viewing_episodes e ON {_same('e')}"
            " AND e.title_id = t.title_id WHERE t.account_id = :account_id AND t.profile_id = :profile_id"
            " AND t.type = 'series' AND t.last_at > t.dismissed_at"
            " AND (e.told_at IS NULL OR e.told_at < :told_before) ORDER BY t.last_at DESC LIMIT :limit",
            **bound(owner),
            told_before=told_before,
            limit=limit,
        )
        return [row["title_id"] for row in rows]


def _same(alias: str) -> str:
    return f"{alias}.account_id = t.account_id AND {alias}.profile_id = t.profile_id"

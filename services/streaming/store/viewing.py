"""Viewing state as it is read: one video, lists, marks of many titles at once."""

# ruff: noqa: S608  # only tables' names, fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

from libs.common.contracts.viewing import ViewingList
from libs.common.db import Database, Row
from services.streaming.store.viewing_change import ViewingChange, changing
from services.streaming.store.viewing_rows import (
    OWNED,
    TITLE,
    VIDEO,
    bound,
    episodes_of,
    ids_text,
    joined_video,
    named,
    title_of,
    video_of,
)
from services.streaming.viewing_model import Entry, Episodes, Flagged, Owner, Place, Title, Video

_TITLE = ", ".join(f"t.{name}" for name in TITLE)
_MARKED = (
    "t.title_id, t.type, t.listed_at, t.completed, t.aired, t.airs_at,"
    " v.video_id, v.position_ms, v.duration_ms, v.finished, v.watched, v.at"
)
"""What marks are made of: rows ask for a hundred at a time."""
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
        words = named(database.dialect, 1)
        self._flags = (
            f"SELECT {_MARKED}, e.told FROM viewing_titles t"
            f" LEFT JOIN viewing_videos v ON {_same('v')} AND v.video_id = t.last_video_id"
            f" LEFT JOIN viewing_episodes e ON {_same('e')} AND e.title_id = t.title_id"
            " AND t.airs_at <= :now"
            # Joined to them, SQLite goes through all that the profile has, and for each through all ids.
            " WHERE t.account_id = :account_id AND t.profile_id = :profile_id"
            f" AND t.title_id IN (SELECT w.k0 FROM {words})"
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
        rows = await self._db.fetch_all(self._flags, **bound(owner), keys=ids_text(ids), now=now_ms)
        return [_flagged(row) for row in rows]

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


def _flagged(row: Row) -> Flagged:
    title_id, type_, listed_at, completed, aired, airs_at, video_id, *state, told = row
    title = Title(
        title_id=title_id, type=type_, listed_at=listed_at, completed=completed, aired=aired, airs_at=airs_at
    )
    video = None
    if video_id is not None:
        position_ms, duration_ms, finished, watched, at = state
        video = Video(
            place=Place(video_id, title_id, type_),
            position_ms=position_ms,
            duration_ms=duration_ms,
            finished=bool(finished),
            watched=bool(watched),
            at=at,
        )
    return Flagged(title, video, None if told is None else episodes_of(told))


def _same(alias: str) -> str:
    return f"{alias}.account_id = t.account_id AND {alias}.profile_id = t.profile_id"

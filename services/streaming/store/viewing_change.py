"""One transaction over viewing state: read what it is about, decide, write."""

# ruff: noqa: S608  # only tables' names, fixed column lists and bound names are put into statements

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from libs.common.contracts.viewing import PlayerEvent
from libs.common.db import Database, Dialect, Queries
from services.streaming.store.viewing_rows import (
    EVENT,
    OWNED,
    OWNER,
    TITLE,
    VIDEO,
    bound,
    episodes_of,
    event_values,
    keys_text,
    named,
    owner_of,
    title_of,
    title_values,
    told,
    upsert,
    video_of,
    video_values,
)
from services.streaming.viewing_model import (
    ENDS,
    Episodes,
    Event,
    Former,
    Held,
    Mark,
    Owner,
    SessionCount,
    Title,
    TitleKey,
    Video,
    VideoKey,
)

COUNTED: Final[dict[PlayerEvent, str]] = {
    "start": "starts",
    "heartbeat": "heartbeats",
    "pause": "pauses",
    "buffer": "buffers",
    "stop": "stops",
    "complete": "completes",
}
"""The columns of a session that count its events."""

MAX_MARKS: Final = 20
"""Of a profile; of a show with thousands of episodes each is a megabyte."""
MAX_EVENTS: Final = 10_000
"""Of a profile, for others to make use of."""
EVENTS_BEYOND: Final = 1000
"""So many more are told before those beyond the bound are looked for."""
MAX_LISTS: Final = 2000
"""Of episodes of a profile's shows; one that is gone is asked for again."""
AT_A_TIME: Final = 100

_FORMER = msgspec.json.Decoder(Former)
_BEGIN = (
    "INSERT INTO viewing_profiles (account_id, profile_id, revision) VALUES (:account_id, :profile_id, 1)"
    " ON CONFLICT (account_id, profile_id) DO UPDATE SET revision = viewing_profiles.revision + 1"
)
_PUT_VIDEO = upsert("viewing_videos", VIDEO, "video_id")
_PUT_TITLE = upsert("viewing_titles", TITLE, "title_id")
_PUT_EPISODES = upsert("viewing_episodes", ("title_id", "told", "told_at"), "title_id")
_PUT_HELD = f"UPDATE viewing_profiles SET titles = :titles, videos = :videos WHERE {OWNED}"
_TRIM_LISTS = (
    f"DELETE FROM viewing_episodes WHERE {OWNED} AND title_id IN (SELECT title_id FROM viewing_episodes"
    f" WHERE {OWNED} ORDER BY told_at DESC LIMIT :few OFFSET :most)"
)
_TRIM_MARKS = (
    f"DELETE FROM viewing_marks WHERE {OWNED} AND id NOT IN"
    f" (SELECT id FROM viewing_marks WHERE {OWNED} ORDER BY at DESC LIMIT :most)"
)
_TRIM_EVENTS = (
    f"DELETE FROM viewing_outbox WHERE {OWNED} AND seq <="
    f" (SELECT seq FROM viewing_outbox WHERE {OWNED} ORDER BY seq DESC LIMIT 1 OFFSET :most)"
)
_COUNT = (
    "UPDATE viewing_sessions SET position_ms = :position_ms, duration_ms = :duration_ms,"
    " last_at = CASE WHEN last_at > :at THEN last_at ELSE :at END,"
    " ended_at = CASE WHEN :ends THEN CAST(:at AS BIGINT) ELSE NULL END,"
    + ", ".join(f" {name} = {name} + :{name}" for name in COUNTED.values())
    + f" WHERE id = :id AND {OWNED}"
)


class ViewingChange:
    """What can be read and written inside one transaction. Made by `changing`."""

    def __init__(self, queries: Queries, dialect: Dialect) -> None:
        self._tx = queries
        self._keys = named(dialect, 3)

    async def videos(self, keys: Collection[VideoKey]) -> dict[VideoKey, Video]:
        found = await self._tx.fetch_all(
            self._find("viewing_videos", VIDEO, "video_id"), keys=keys_text(keys)
        )
        videos = ((owner_of(row), video_of(row)) for row in found)
        return {(owner, video.place.video_id): video for owner, video in videos if video is not None}

    async def titles(self, keys: Collection[TitleKey]) -> dict[TitleKey, Title]:
        found = await self._tx.fetch_all(
            self._find("viewing_titles", TITLE, "title_id"), keys=keys_text(keys)
        )
        return {(owner_of(row), row["title_id"]): title_of(row) for row in found}

    async def episodes(self, keys: Collection[TitleKey]) -> dict[TitleKey, Episodes]:
        """Of the shows whose list somebody told."""
        columns = ("title_id", "told", "told_at")
        sql = self._find("viewing_episodes", columns, "title_id")
        return {
            (owner_of(row), row["title_id"]): Episodes(episodes_of(row["told"]), row["told_at"])
            for row in await self._tx.fetch_all(sql, keys=keys_text(keys))
        }

    async def videos_of(self, keys: Collection[TitleKey]) -> dict[TitleKey, dict[str, Video]]:
        """All that is known of the titles' videos."""
        found = await self._tx.fetch_all(
            self._find("viewing_videos", VIDEO, "title_id"), keys=keys_text(keys)
        )
        by_title: dict[TitleKey, dict[str, Video]] = {key: {} for key in keys}
        for row in found:
            video = video_of(row)
            if video is not None:
                by_title[owner_of(row), row["title_id"]][video.place.video_id] = video
        return by_title

    async def watched_of(self, keys: Collection[TitleKey]) -> dict[TitleKey, set[str]]:
        """Which of the titles' videos were watched."""
        sql = self._find("viewing_videos", ("title_id", "video_id"), "title_id") + " WHERE t.watched"
        by_title: dict[TitleKey, set[str]] = {key: set() for key in keys}
        for row in await self._tx.fetch_all(sql, keys=keys_text(keys)):
            by_title[owner_of(row), row["title_id"]].add(row["video_id"])
        return by_title

    async def held(self, owners: Collection[Owner]) -> dict[Owner, Held]:
        """Of those whose change this is."""
        found = await self._tx.fetch_all(
            f"SELECT p.account_id, p.profile_id, p.titles, p.videos FROM {self._keys}"
            " JOIN viewing_profiles p ON p.account_id = w.k0 AND p.profile_id = w.k1",
            keys=keys_text((owner, "") for owner in owners),
        )
        return {owner_of(row): Held(row["titles"], row["videos"]) for row in found}

    async def put_held(self, held: Mapping[Owner, Held]) -> None:
        await self._tx.execute_many(
            _PUT_HELD,
            [{**bound(owner), "titles": one.titles, "videos": one.videos} for owner, one in held.items()],
        )

    async def put_videos(self, videos: Mapping[VideoKey, Video]) -> None:
        await self._tx.execute_many(_PUT_VIDEO, [video_values(key[0], one) for key, one in videos.items()])

    async def put_titles(self, titles: Mapping[TitleKey, Title]) -> None:
        await self._tx.execute_many(_PUT_TITLE, [title_values(key[0], one) for key, one in titles.items()])

    async def put_episodes(self, owner: Owner, title_id: str, list_: Episodes) -> None:
        await self._tx.execute(
            _PUT_EPISODES, **bound(owner), title_id=title_id, told=told(list_.items), told_at=list_.told_at
        )
        await self._tx.execute(_TRIM_LISTS, **bound(owner), few=AT_A_TIME, most=MAX_LISTS)

    async def remove_videos(self, keys: Iterable[VideoKey]) -> None:
        await self._tx.execute_many(
            f"DELETE FROM viewing_videos WHERE {OWNED} AND video_id = :video_id",
            [{**bound(owner), "video_id": id_} for owner, id_ in keys],
        )

    async def tell(self, events: Sequence[Event], recorded_at: int) -> None:
        """Puts the events into the outbox. The oldest of a profile that tells more than is kept are gone."""
        if not events:
            return
        columns = (*OWNER, *EVENT)
        rows = [event_values(event, recorded_at) for event in events]
        await self._tx.execute_many(
            f"INSERT INTO viewing_outbox ({', '.join(columns)})"
            f" VALUES ({', '.join(f':{name}' for name in columns)})",
            rows,
        )
        more = Counter(event.owner for event in events)
        counted = await self._tx.fetch_all(
            "UPDATE viewing_profiles SET told = viewing_profiles.told + CAST(w.k2 AS BIGINT)"
            f" FROM {self._keys} WHERE account_id = w.k0 AND profile_id = w.k1"
            " RETURNING account_id, profile_id, told",
            keys=keys_text((owner, str(count)) for owner, count in more.items()),
        )
        for owner in (owner_of(row) for row in counted if row["told"] >= EVENTS_BEYOND):
            await self._tx.execute(_TRIM_EVENTS, **bound(owner), most=MAX_EVENTS)
            await self._tx.execute(f"UPDATE viewing_profiles SET told = 0 WHERE {OWNED}", **bound(owner))

    async def count(self, counts: Sequence[SessionCount]) -> None:
        """Adds events to sessions; to one that is gone, nothing."""
        await self._tx.execute_many(
            _COUNT,
            [
                {
                    **bound(one.owner),
                    **{name: int(name == COUNTED[one.event]) for name in COUNTED.values()},
                    "id": one.id,
                    "position_ms": one.position_ms,
                    "duration_ms": one.duration_ms,
                    "at": one.at,
                    "ends": one.event in ENDS,
                }
                for one in counts
            ],
        )

    async def keep_mark(self, mark: Mark) -> None:
        """For as long as it can be undone; of a profile's marks the newest."""
        await self._tx.execute(_TRIM_MARKS, **bound(mark.owner), most=MAX_MARKS - 1)
        await self._tx.execute(
            "INSERT INTO viewing_marks (id, account_id, profile_id, title_id, former, at)"
            " VALUES (:id, :account_id, :profile_id, :title_id, :former, :at)",
            **bound(mark.owner),
            id=mark.id,
            title_id=mark.title_id,
            former=msgspec.json.encode(mark.former).decode(),
            at=mark.at,
        )

    async def take_mark(self, owner: Owner, id_: str) -> Mark | None:
        """Removes it: a mark is undone once."""
        row = await self._tx.fetch_one(
            f"DELETE FROM viewing_marks WHERE {OWNED} AND id = :id RETURNING title_id, former, at",
            **bound(owner),
            id=id_,
        )
        if row is None:
            return None
        return Mark(id_, owner, row["title_id"], row["at"], _FORMER.decode(row["former"]))

    def _find(self, table: str, columns: Sequence[str], key: str) -> str:
        listed = ", ".join(f"t.{name}" for name in (*OWNER, *columns))
        return (
            f"SELECT {listed} FROM {self._keys} JOIN {table} t ON t.account_id = w.k0"
            f" AND t.profile_id = w.k1 AND t.{key} = w.k2"
        )


@asynccontextmanager
async def changing(database: Database, owners: Iterable[Owner]) -> AsyncIterator[ViewingChange]:
    """Changes of one profile wait for each other here, in the same order everywhere so that none waits in a
    circle: what is read inside is what is written over."""
    async with database.transaction() as tx:
        await begin(tx, owners)
        yield ViewingChange(tx, database.dialect)


async def begin(tx: Queries, owners: Iterable[Owner]) -> None:
    """What `changing` waits for."""
    ordered = sorted(set(owners), key=lambda owner: (owner.account_id, owner.profile_id))
    await tx.execute_many(_BEGIN, [bound(owner) for owner in ordered])

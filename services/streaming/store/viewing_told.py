"""What sources told of viewing, what of it waits to be applied, and the videos it is applied to."""

# ruff: noqa: S608  # only tables' names, fixed column lists and bound names are put into statements

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec

from libs.common.contracts.viewing_handover import (
    ListedRow,
    Part,
    PlaybackRow,
    ToldCounts,
    ToldPart,
    WatchedRow,
)
from libs.common.db import Database, Queries, Row, Value
from services.streaming.store.viewing_change import ViewingChange, begin
from services.streaming.store.viewing_rows import (
    OWNED,
    VIDEO,
    bound,
    ids_text,
    named,
    owner_of,
    upsert,
    video_of,
    video_values,
)
from services.streaming.told_model import IMPORT, Known, Staged, Teller, Telling, ToldRow
from services.streaming.viewing_model import Owner, Place, Title, Video


class _State(msgspec.Struct, frozen=True, array_like=True):
    """All of a video but its place."""

    position_ms: int
    duration_ms: int
    finished: bool
    watched: bool
    watched_at: int | None
    marked_at: int
    plays: int
    at: int


_DECODERS: Final[dict[Part, msgspec.json.Decoder[Any]]] = {
    "watched": msgspec.json.Decoder(WatchedRow),
    "watchlist": msgspec.json.Decoder(ListedRow),
    "playback": msgspec.json.Decoder(PlaybackRow),
}
_encode = msgspec.json.Encoder().encode
_COUNTS: Final = msgspec.json.Decoder(ToldCounts)
_STATE: Final = msgspec.json.Decoder(_State)
_TOLD_BY: Final = f"{OWNED} AND source = :source AND part = :part"
_TELLING: Final = ("run", "state", "held", "counts", "told_at")
_PUT_VIDEO: Final = upsert("viewing_videos", (*VIDEO, "own", "left_as"), "video_id")
_PUT_TELLING: Final = (
    "INSERT INTO viewing_tellings (account_id, profile_id, source, part, run, state, held, counts, told_at)"
    " VALUES (:account_id, :profile_id, :source, :part, :run, :state, :held, :counts, :told_at)"
    " ON CONFLICT (account_id, profile_id, source, part) DO UPDATE SET run = excluded.run,"
    " state = excluded.state, held = excluded.held, counts = excluded.counts, told_at = excluded.told_at"
)
_STAGE: Final = (
    "INSERT INTO viewing_told_next (account_id, profile_id, source, part, id, title_id, told)"
    " VALUES (:account_id, :profile_id, :source, :part, :id, :title_id, :told)"
    " ON CONFLICT (account_id, profile_id, source, part, id)"
    " DO UPDATE SET title_id = excluded.title_id, told = excluded.told"
)
_PUT_TOLD: Final = (
    "INSERT INTO viewing_told (account_id, profile_id, source, part, id, title_id, told)"
    " VALUES (:account_id, :profile_id, :source, :part, :id, :title_id, :told)"
    " ON CONFLICT (account_id, profile_id, id, part, source)"
    " DO UPDATE SET title_id = excluded.title_id, told = excluded.told"
)


class ToldStore:
    """Every call is scoped by account and profile, but for what was left unfinished."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._ids = named(database.dialect, 1)

    async def telling(self, teller: Teller) -> Telling | None:
        return await _telling(self._db, teller)

    async def parts(self, owner: Owner, source: str | None = None) -> list[ToldPart]:
        of_source = "" if source is None else " AND source = :source"
        rows = await self._db.fetch_all(
            f"SELECT source, part, held, counts, told_at FROM viewing_tellings WHERE {OWNED}{of_source}"
            " ORDER BY source, part",
            **bound(owner),
            source=source,
        )
        return [
            ToldPart(
                source=row["source"],
                part=row["part"],
                rows=row["held"],
                told_at=row["told_at"],
                counts=_COUNTS.decode(row["counts"]),
            )
            for row in rows
        ]

    async def unfinished(self) -> list[Teller]:
        """What was taken to its end and not applied to its end."""
        rows = await self._db.fetch_all(
            "SELECT account_id, profile_id, source, part FROM viewing_tellings WHERE state = 'applying'"
        )
        return [Teller(owner_of(row), row["source"], row["part"]) for row in rows]

    async def told(self, teller: Teller, ids: Sequence[str]) -> dict[str, ToldRow]:
        """What is known of these."""
        rows = await self._db.fetch_all(
            f"SELECT id, told FROM viewing_told WHERE {_TOLD_BY} AND id IN (SELECT w.k0 FROM {self._ids})",
            **_bound(teller),
            keys=ids_text(ids),
        )
        decode = _DECODERS[teller.part].decode
        return {row["id"]: decode(row["told"]) for row in rows}

    async def held_ids(self, teller: Teller, *, after: str, limit: int) -> list[tuple[str, str]]:
        """Ids and their titles' in the order of the ids."""
        rows = await self._db.fetch_all(
            f"SELECT id, title_id FROM viewing_told WHERE {_TOLD_BY} AND id > :after"
            " ORDER BY id LIMIT :limit",
            **_bound(teller),
            after=after,
            limit=limit,
        )
        return [(row["id"], row["title_id"]) for row in rows]

    @asynccontextmanager
    async def changing(self, owner: Owner) -> AsyncIterator[ToldChange]:
        """As for every change of viewing state: those of one profile wait for each other."""
        async with self._db.transaction() as tx:
            await begin(tx, [owner])
            yield ToldChange(tx, self._db)


class ToldChange(ViewingChange):
    """One transaction over what is told and what it makes of viewing state."""

    def __init__(self, queries: Queries, database: Database) -> None:
        super().__init__(queries, database.dialect)
        self._ids = named(database.dialect, 1)

    async def telling(self, teller: Teller) -> Telling | None:
        return await _telling(self._tx, teller)

    async def count_imports(self, owner: Owner, *, besides: str) -> int:
        row = await self._tx.fetch_one(
            f"SELECT COUNT(DISTINCT source) AS n FROM viewing_tellings WHERE {OWNED}"
            " AND source LIKE :imports AND source <> :besides",
            **bound(owner),
            imports=f"{IMPORT}%",
            besides=besides,
        )
        return 0 if row is None else int(row["n"])

    async def put_telling(self, teller: Teller, telling: Telling) -> None:
        values = {name: getattr(telling, name) for name in _TELLING}
        counts = _encode(telling.counts).decode()
        await self._tx.execute(_PUT_TELLING, **_bound(teller), **(values | {"counts": counts}))

    async def remove_telling(self, teller: Teller) -> None:
        await self._tx.execute(f"DELETE FROM viewing_tellings WHERE {_TOLD_BY}", **_bound(teller))

    async def stage(self, teller: Teller, staged: Iterable[Staged]) -> None:
        await self._tx.execute_many(_STAGE, [_staged_values(teller, one) for one in staged])

    async def staged(self, teller: Teller, *, limit: int) -> list[Staged]:
        """What is to be applied next: titles after each other, one's videos together."""
        rows = await self._tx.fetch_all(
            f"SELECT id, title_id, told FROM viewing_told_next WHERE {_TOLD_BY}"
            " ORDER BY title_id, id LIMIT :limit",
            **_bound(teller),
            limit=limit,
        )
        decode = _DECODERS[teller.part].decode
        return [
            Staged(row["id"], row["title_id"], None if row["told"] is None else decode(row["told"]))
            for row in rows
        ]

    async def unstage(self, teller: Teller, ids: Sequence[str]) -> None:
        await self._tx.execute(
            f"DELETE FROM viewing_told_next WHERE {_TOLD_BY} AND id IN (SELECT w.k0 FROM {self._ids})",
            **_bound(teller),
            keys=ids_text(ids),
        )

    async def clear_staged(self, teller: Teller, *, limit: int) -> int:
        return await self._tx.execute(
            f"DELETE FROM viewing_told_next WHERE {_TOLD_BY} AND id IN"
            f" (SELECT id FROM viewing_told_next WHERE {_TOLD_BY} LIMIT :limit)",
            **_bound(teller),
            limit=limit,
        )

    async def told_of(
        self, owner: Owner, ids: Collection[str], parts: Sequence[Part]
    ) -> dict[str, dict[tuple[str, Part], ToldRow]]:
        """By id, what every source says of it."""
        wanted = ", ".join(f"'{part}'" for part in parts)
        rows = await self._tx.fetch_all(
            f"SELECT id, source, part, told FROM viewing_told WHERE {OWNED} AND part IN ({wanted})"
            f" AND id IN (SELECT w.k0 FROM {self._ids})",
            **bound(owner),
            keys=ids_text(list(ids)),
        )
        found: dict[str, dict[tuple[str, Part], ToldRow]] = defaultdict(dict)
        for row in rows:
            found[row["id"]][row["source"], row["part"]] = _DECODERS[row["part"]].decode(row["told"])
        return found

    async def put_told(self, teller: Teller, told: Iterable[Staged]) -> None:
        await self._tx.execute_many(_PUT_TOLD, [_staged_values(teller, one) for one in told])

    async def remove_told(self, teller: Teller, ids: Sequence[str]) -> None:
        if ids:
            await self._tx.execute(
                f"DELETE FROM viewing_told WHERE {_TOLD_BY} AND id IN (SELECT w.k0 FROM {self._ids})",
                **_bound(teller),
                keys=ids_text(ids),
            )

    async def known(self, owner: Owner, ids: Collection[str]) -> dict[str, Known]:
        columns = ", ".join(VIDEO)
        rows = await self._tx.fetch_all(
            f"SELECT {columns}, own, left_as FROM viewing_videos WHERE {OWNED}"
            f" AND video_id IN (SELECT w.k0 FROM {self._ids})",
            **bound(owner),
            keys=ids_text(list(ids)),
        )
        return {row["video_id"]: _known(row) for row in rows}

    async def put_known(self, owner: Owner, known: Iterable[Known]) -> None:
        await self._tx.execute_many(
            _PUT_VIDEO,
            [
                video_values(owner, one.now) | {"own": _text(one.own), "left_as": _text(one.left)}
                for one in known
            ],
        )

    async def left_listed(self, owner: Owner, ids: Collection[str]) -> dict[str, int | None]:
        rows = await self._tx.fetch_all(
            f"SELECT title_id, left_listed_at FROM viewing_titles WHERE {OWNED}"
            f" AND title_id IN (SELECT w.k0 FROM {self._ids})",
            **bound(owner),
            keys=ids_text(list(ids)),
        )
        return {row["title_id"]: row["left_listed_at"] for row in rows}

    async def put_left_listed(self, owner: Owner, left: Mapping[str, int | None]) -> None:
        await self._tx.execute_many(
            f"UPDATE viewing_titles SET left_listed_at = :at WHERE {OWNED} AND title_id = :title_id",
            [{**bound(owner), "title_id": id_, "at": at} for id_, at in left.items()],
        )

    async def remove_titles(self, owner: Owner, titles: Iterable[Title]) -> None:
        await self._tx.execute_many(
            f"DELETE FROM viewing_titles WHERE {OWNED} AND title_id = :title_id",
            [{**bound(owner), "title_id": title.title_id} for title in titles],
        )


async def _telling(queries: Queries, teller: Teller) -> Telling | None:
    row = await queries.fetch_one(
        f"SELECT {', '.join(_TELLING)} FROM viewing_tellings WHERE {_TOLD_BY}", **_bound(teller)
    )
    if row is None:
        return None
    return Telling(row["run"], row["state"], row["held"], _COUNTS.decode(row["counts"]), row["told_at"])


def _bound(teller: Teller) -> dict[str, str]:
    return {**bound(teller.owner), "source": teller.source, "part": teller.part}


def _staged_values(teller: Teller, one: Staged) -> dict[str, Value]:
    told = None if one.row is None else _encode(one.row).decode()
    return {**_bound(teller), "id": one.id, "title_id": one.title_id, "told": told}


def _known(row: Row) -> Known:
    now = video_of(row)
    assert now is not None  # noqa: S101  # no join: a row is a video
    return Known(now, _state_of(row["own"], now.place), _state_of(row["left_as"], now.place))


def _state_of(text: str | None, place: Place) -> Video | None:
    return None if text is None else Video(place=place, **msgspec.structs.asdict(_STATE.decode(text)))


def _text(video: Video | None) -> str | None:
    if video is None:
        return None
    values = msgspec.structs.asdict(video)
    return _encode(_State(**{name: values[name] for name in _State.__struct_fields__})).decode()

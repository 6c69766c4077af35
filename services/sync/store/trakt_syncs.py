"""How far profiles' viewing at Trakt is known, and the pages of it that are being read."""

# ruff: noqa: S608  # only fixed column lists and conditions are put into statements

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from libs.common.contracts.removals import Removal
from libs.common.db import Database
from libs.common.deadline import Deadline
from services.sync.model import ListName, Owner
from services.sync.store.changing import change_json
from services.sync.store.owned import OWNED, bound, gone_with

_LIST: Final = f"{OWNED} AND list = :list"
_TABLES: Final = ("trakt_answers", "trakt_pages", "trakt_syncs")


class Doubt(msgspec.Struct, frozen=True):
    """A list that was read and not believed. `guarded`: too much of it was gone; `uneven`: it changed while
    it was read. `marker` is what it was known by, `at` when that was first so."""

    why: Literal["guarded", "uneven"]
    marker: str
    at: int


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of `of` lists that has begun. `wanted`: the markers of all as they were then; `left`: those
    that are still to be taken over."""

    began_at: int
    wanted: dict[ListName, str]
    left: tuple[ListName, ...]
    of: int


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`seen`: the marker of each list as it was last taken over. `first_done_at`: when all of them had been,
    for the first time."""

    seen: dict[ListName, str] = msgspec.field(default_factory=dict)
    doubts: dict[ListName, Doubt] = msgspec.field(default_factory=dict)
    going: Pass | None = None
    first_done_at: int | None = None


class PageHead(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known of a page besides its rows. `keys` name its items; `torn`: how many of them are not
    readable, so that what isn't there is not known to be gone; `skipped`: how many no player could name."""

    number: int
    is_last: bool
    keys: tuple[int, ...]
    pages: int | None = None
    count: int | None = None
    torn: int = 0
    skipped: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class TraktSync:
    connection_id: str
    held: Held = field(default_factory=Held)


@dataclass(frozen=True, slots=True)
class TitleAnswer:
    """What Trakt said of a single title, and when."""

    watched: bool
    at: int


class TraktSyncStore:
    """A row for each profile whose account at Trakt was asked, and its pages until they are taken over."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, owner: Owner) -> TraktSync | None:
        row = await self._db.fetch_one(
            f"SELECT connection_id, held FROM trakt_syncs WHERE {OWNED}", **bound(owner)
        )
        return None if row is None else TraktSync(row["connection_id"], _held(row["held"]))

    async def looked(self) -> Mapping[Owner, int]:
        """When everybody's account was last asked whether something has changed."""
        rows = await self._db.fetch_all("SELECT account_id, profile_id, looked_at FROM trakt_syncs")
        return {Owner(row["account_id"], row["profile_id"]): row["looked_at"] for row in rows}

    async def claim_look(self, owner: Owner, connection_id: str, *, now: int, before: int) -> bool:
        """Ask alone: nobody else does until `now` is `before` of somebody. What is held of another connection
        of the profile's goes."""
        row = await self._db.fetch_one(
            "INSERT INTO trakt_syncs (account_id, profile_id, connection_id, looked_at, held)"
            " VALUES (:account_id, :profile_id, :connection, :now, '{}')"
            " ON CONFLICT (account_id, profile_id) DO UPDATE SET looked_at = :now,"
            " connection_id = :connection, held ="
            " CASE WHEN trakt_syncs.connection_id = :connection THEN trakt_syncs.held ELSE '{}' END"
            " WHERE trakt_syncs.looked_at <= :before OR trakt_syncs.looked_at > :now"
            " OR trakt_syncs.connection_id <> :connection RETURNING looked_at",
            **bound(owner),
            connection=connection_id,
            now=now,
            before=before,
        )
        return row is not None

    async def change(self, owner: Owner, change: Callable[[Held], Held]) -> Held | None:
        """What is held after it; None where nothing is, of an owner who is gone."""
        return await change_json(self._db, owner, ("trakt_syncs", "held"), change, kind=Held)

    async def add_page(self, owner: Owner, list_: str, head: PageHead, rows: bytes) -> None:
        await self._db.execute(
            "INSERT INTO trakt_pages (account_id, profile_id, list, number, head, rows)"
            " VALUES (:account_id, :profile_id, :list, :number, :head, :rows)"
            " ON CONFLICT (account_id, profile_id, list, number) DO UPDATE SET head = :head, rows = :rows",
            **bound(owner),
            list=list_,
            number=head.number,
            head=msgspec.json.encode(head).decode(),
            rows=zlib.compress(rows, 1),
        )

    async def heads(self, owner: Owner, list_: str) -> list[PageHead]:
        rows = await self._db.fetch_all(
            f"SELECT head FROM trakt_pages WHERE {_LIST} ORDER BY number", **bound(owner), list=list_
        )
        return [msgspec.json.decode(row["head"], type=PageHead) for row in rows]

    async def rows(self, owner: Owner, list_: str, number: int) -> bytes | None:
        """Of one page."""
        row = await self._db.fetch_one(
            f"SELECT rows FROM trakt_pages WHERE {_LIST} AND number = :number",
            **bound(owner),
            list=list_,
            number=number,
        )
        return None if row is None else zlib.decompress(bytes(row["rows"]))

    async def drop_pages(self, owner: Owner, list_: str | None = None) -> None:
        of_list = "" if list_ is None else " AND list = :list"
        await self._db.execute(f"DELETE FROM trakt_pages WHERE {OWNED}{of_list}", **bound(owner), list=list_)

    async def put_answer(self, owner: Owner, title_id: str, *, watched: bool, at: int) -> None:
        await self._db.execute(
            "INSERT INTO trakt_answers (account_id, profile_id, title_id, watched, at)"
            " VALUES (:account_id, :profile_id, :title, :watched, :at)"
            " ON CONFLICT (account_id, profile_id, title_id) DO UPDATE SET watched = :watched, at = :at",
            **bound(owner),
            title=title_id,
            watched=watched,
            at=at,
        )

    async def answer(self, owner: Owner, title_id: str) -> TitleAnswer | None:
        row = await self._db.fetch_one(
            f"SELECT watched, at FROM trakt_answers WHERE {OWNED} AND title_id = :title",
            **bound(owner),
            title=title_id,
        )
        return None if row is None else TitleAnswer(bool(row["watched"]), row["at"])

    async def drop_answers(self, owner: Owner) -> None:
        await self._db.execute(f"DELETE FROM trakt_answers WHERE {OWNED}", **bound(owner))

    async def forget(self, owner: Owner, *, ended: str) -> None:
        """What is known of a connection that was ended, unless there is another by now."""
        for table in _TABLES:
            await self._db.execute(
                f"DELETE FROM {table} WHERE {OWNED} AND NOT EXISTS (SELECT 1 FROM trakt_connections t"
                " WHERE t.account_id = :account_id AND t.profile_id = :profile_id AND t.id <> :ended)",
                **bound(owner),
                ended=ended,
            )

    async def forget_owner(self, removal: Removal, deadline: Deadline) -> None:
        gone, names = gone_with(removal)
        for table in _TABLES:
            await self._db.execute(f"DELETE FROM {table} WHERE {gone}", **names)


def _held(text: str) -> Held:
    return msgspec.json.decode(text, type=Held)

"""Profiles' connections to Trakt: their tokens, what is settled about them, and how they end."""

# ruff: noqa: S608  # only fixed column lists and conditions are put into statements

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from libs.common.contracts.connections import TraktChoices
from libs.common.contracts.removals import Removal
from libs.common.db import Database, Row
from services.sync.model import Owner
from services.sync.store.changing import change_json
from services.sync.store.owned import OWNED, bound, gone_with

State = Literal["waiting", "connected", "refused"]
"""As its owner sees it. A row that is `leaving` is kept until all that has to be done of its end is done."""

COLUMNS: Final = (
    "id, account_id, profile_id, state, reason, choices, sealed_app, sealed_code, user_code,"
    " verification_url, code_ends_at, poll_every_ms, poll_at, sealed_tokens, generation, refresh_at, ends_at,"
    " lease, lease_until, trakt_user, trakt_name, remark, connected_at, synced_at"
)
_HELD: Final = f"{OWNED} AND state <> 'leaving'"

_LEAVE: Final = (
    # Another generation: tokens that are being renewed at this moment are not kept.
    "UPDATE trakt_connections SET state = 'leaving', generation = generation + 1, lease = '',"
    " poll_at = :until"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One profile's connection. Times are epoch milliseconds.

    `generation` rises whenever the code or the tokens are others: whoever changes one of those names the
    generation it means, so that nobody writes over what is newer. `lease` is whoever renews the tokens.
    `trakt_user` names the account there, which several profiles may share.
    """

    id: str
    owner: Owner
    state: State
    reason: str = ""
    choices: TraktChoices = field(default_factory=TraktChoices)
    sealed_app: bytes = field(repr=False)
    sealed_code: bytes | None = field(default=None, repr=False)
    user_code: str = field(default="", repr=False)
    verification_url: str = ""
    code_ends_at: int = 0
    poll_every_ms: int = 0
    poll_at: int = 0
    sealed_tokens: bytes | None = field(default=None, repr=False)
    generation: int = 0
    refresh_at: int = 0
    ends_at: int = 0
    lease: str = ""
    lease_until: int = 0
    trakt_user: str = ""
    trakt_name: str = ""
    remark: str = ""
    connected_at: int | None = None
    synced_at: int | None = None

    @property
    def budget(self) -> str:
        """Whose calls are counted together."""
        return f"user:{self.trakt_user}" if self.trakt_user else f"connection:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Tokens as they are kept."""

    sealed: bytes = field(repr=False)
    refresh_at: int
    ends_at: int


class ConnectionStore:
    """A row for each profile that is connected, waits to be, or was."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, owner: Owner) -> Connection | None:
        row = await self._db.fetch_one(
            f"SELECT {COLUMNS} FROM trakt_connections WHERE {_HELD}",
            **bound(owner),
        )
        return None if row is None else connection_of(row)

    async def get(self, connection_id: str) -> Connection | None:
        row = await self._db.fetch_one(
            f"SELECT {COLUMNS} FROM trakt_connections WHERE id = :id", id=connection_id
        )
        return None if row is None else connection_of(row)

    async def connected(self) -> list[Connection]:
        """Everybody's."""
        rows = await self._db.fetch_all(
            f"SELECT {COLUMNS} FROM trakt_connections WHERE state = 'connected' ORDER BY id"
        )
        return [connection_of(row) for row in rows]

    async def take_lease(self, seen: Connection, lease: str, *, now: int, until: int) -> bool:
        """Renew the tokens alone; False where somebody else does, or has done."""
        taken = await self._db.execute(
            "UPDATE trakt_connections SET lease = :lease, lease_until = :until WHERE id = :id"
            " AND generation = :generation AND state = 'connected' AND (lease = '' OR lease_until < :now)",
            lease=lease,
            until=until,
            id=seen.id,
            generation=seen.generation,
            now=now,
        )
        return taken == 1

    async def renewed(self, seen: Connection, pair: Pair) -> bool:
        """Keep a new pair; False where the connection is another or gone. Whoever has the pair may keep it,
        even after its lease: there is no other that works."""
        kept = await self._db.execute(
            "UPDATE trakt_connections SET state = 'connected', reason = '', sealed_tokens = :sealed,"
            " refresh_at = :refresh_at, ends_at = :ends_at, generation = generation + 1, lease = ''"
            " WHERE id = :id AND generation = :generation",
            sealed=pair.sealed,
            refresh_at=pair.refresh_at,
            ends_at=pair.ends_at,
            id=seen.id,
            generation=seen.generation,
        )
        return kept == 1

    async def not_renewed(self, seen: Connection, lease: str, *, again_at: int) -> None:
        """Give the lease back; the next try comes at `again_at`."""
        await self._db.execute(
            "UPDATE trakt_connections SET lease = '', refresh_at = :again_at WHERE id = :id"
            " AND generation = :generation AND lease = :lease",
            again_at=again_at,
            id=seen.id,
            generation=seen.generation,
            lease=lease,
        )

    async def refuse(self, seen: Connection, reason: str, *, for_good: bool) -> bool:
        """Nothing more is asked. `for_good`: the code or the tokens are of no use and go."""
        gone = ", sealed_tokens = NULL" if for_good else ""
        refused = await self._db.execute(
            "UPDATE trakt_connections SET state = 'refused', reason = :reason, sealed_code = NULL,"
            f" user_code = '', verification_url = '', lease = ''{gone}"
            " WHERE id = :id AND generation = :generation AND state <> 'refused'",
            reason=reason,
            id=seen.id,
            generation=seen.generation,
        )
        return refused == 1

    async def resume(self, owner: Owner) -> bool:
        """Go on with the tokens there are; False where there are none, or nothing was refused."""
        resumed = await self._db.execute(
            f"UPDATE trakt_connections SET state = 'connected', reason = '' WHERE {_HELD}"
            " AND state = 'refused' AND sealed_tokens IS NOT NULL",
            **bound(owner),
        )
        return resumed == 1

    async def settle(
        self, owner: Owner, change: Callable[[TraktChoices], TraktChoices]
    ) -> TraktChoices | None:
        """Change what is settled; None where there is no connection."""
        place = ("trakt_connections", "choices")
        return await change_json(self._db, owner, place, change, kind=TraktChoices, whose=_HELD)

    async def name(self, seen: Connection, user: str, name: str) -> None:
        """What the account is called there."""
        await self._db.execute(
            "UPDATE trakt_connections SET trakt_user = :user, trakt_name = :name WHERE id = :id",
            user=user,
            name=name,
            id=seen.id,
        )

    async def remark(self, connection_id: str, remark: str) -> None:
        await self._db.execute(
            "UPDATE trakt_connections SET remark = :remark WHERE id = :id AND remark <> :remark",
            remark=remark,
            id=connection_id,
        )

    async def synced(self, connection_id: str, *, at: int) -> None:
        await self._db.execute(
            "UPDATE trakt_connections SET synced_at = :at WHERE id = :id", at=at, id=connection_id
        )

    async def ask(self, owner: Owner, *, at: int, before: int) -> int:
        """Note that a sync is asked for; 0, or when the last one was where that is not before `before`."""
        noted = await self._db.execute(
            f"UPDATE trakt_connections SET asked_at = :at WHERE {_HELD}"
            " AND (asked_at < :before OR asked_at > :at)",
            at=at,
            before=before,
            **bound(owner),
        )
        if noted:
            return 0
        row = await self._db.fetch_one(
            f"SELECT asked_at FROM trakt_connections WHERE {_HELD}",
            **bound(owner),
        )
        return 0 if row is None else int(row["asked_at"])

    async def leave(self, owner: Owner, *, until: int) -> Connection | None:
        """From now on the profile has none; the connection as it was. Whoever leaves it has until
        then, before others do."""
        row = await self._db.fetch_one(
            f"{_LEAVE} WHERE {_HELD} RETURNING {COLUMNS}",
            **bound(owner),
            until=until,
        )
        return None if row is None else connection_of(row)

    async def leave_owner(self, removal: Removal, *, until: int) -> list[Connection]:
        """Those of an account, or of one profile of it, and those that are being left already."""
        gone, names = gone_with(removal)
        rows = await self._db.fetch_all(f"{_LEAVE} WHERE {gone} RETURNING {COLUMNS}", until=until, **names)
        return [connection_of(row) for row in rows]

    async def leaving_of(self, owner: Owner) -> Connection | None:
        """What was left, and still stands in the way of another."""
        row = await self._db.fetch_one(
            f"SELECT {COLUMNS} FROM trakt_connections WHERE {OWNED} AND state = 'leaving'",
            **bound(owner),
        )
        return None if row is None else connection_of(row)

    async def take_leaving(self, *, now: int, until: int) -> list[Connection]:
        """Those whose leaving was begun by somebody who did not come to its end."""
        rows = await self._db.fetch_all(
            f"UPDATE trakt_connections SET poll_at = :until WHERE state = 'leaving' AND poll_at <= :now"
            f" RETURNING {COLUMNS}",
            now=now,
            until=until,
        )
        return [connection_of(row) for row in rows]

    async def gone(self, left: Connection) -> None:
        """Nothing more has to be done of it."""
        await self._db.execute(
            "DELETE FROM trakt_connections WHERE id = :id AND state = 'leaving'", id=left.id
        )


def connection_of(row: Row) -> Connection:
    columns = {name: row[name] for name in row.keys()}  # noqa: SIM118  a Row is no Mapping
    owner = Owner(columns.pop("account_id"), columns.pop("profile_id"))
    choices = msgspec.json.decode(columns.pop("choices"), type=TraktChoices)
    for name in ("sealed_app", "sealed_code", "sealed_tokens"):
        columns[name] = None if columns[name] is None else bytes(columns[name])
    return Connection(owner=owner, choices=choices, **columns)

"""Profiles' connections to Stremio accounts: their codes, their keys, what is settled about them."""

# ruff: noqa: S608  # only fixed column lists and conditions are put into statements

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from libs.common.contracts.removals import Removal
from libs.common.contracts.stremio_account import StremioChoices
from libs.common.db import Database, Row
from services.sync.model import Owner
from services.sync.store.changing import change_json
from services.sync.store.owned import OWNED, bound, gone_with

State = Literal["waiting", "connected", "refused"]

_COLUMNS: Final = (
    "id, account_id, profile_id, state, reason, choices, sealed_key, sealed_code, code_ends_at, ask_at,"
    " stremio_user, stremio_name, connected_at, synced_at, written_at,"
    " untold"
)
_BESIDE: Final = ("stremio_plans", "stremio_backups", "stremio_items")


@dataclass(frozen=True, slots=True, kw_only=True)
class StremioConnection:
    """One profile's. Times are epoch milliseconds. A new one has a new `id`, so that whoever is at the former
    one changes nothing of it. `ask_at`: when its code, or its library, is next asked about. `untold`: not all
    that was read of the library has reached viewing state."""

    id: str
    owner: Owner
    state: State
    reason: str = ""
    choices: StremioChoices = field(default_factory=StremioChoices)
    sealed_key: bytes | None = field(default=None, repr=False)
    sealed_code: bytes | None = field(default=None, repr=False)
    code_ends_at: int = 0
    ask_at: int = 0
    stremio_user: str = ""
    stremio_name: str = ""
    connected_at: int | None = None
    synced_at: int | None = None
    written_at: int = 0
    untold: bool = True


class StremioStore:
    """A row for each profile that is connected, waits to be, or was."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, owner: Owner) -> StremioConnection | None:
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM stremio_connections WHERE {OWNED}", **bound(owner)
        )
        return None if row is None else _connection(row)

    async def get(self, connection_id: str) -> StremioConnection | None:
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM stremio_connections WHERE id = :id", id=connection_id
        )
        return None if row is None else _connection(row)

    async def connect(
        self, new: StremioConnection, *, sealed_key: bytes | None, sealed_code: bytes | None = None
    ) -> bool:
        """Put the connection in the place of a former one, whose choices stay; False where one works. What
        was read of another account's library goes."""
        async with self._db.transaction() as tx:
            row = await tx.fetch_one(
                "INSERT INTO stremio_connections (id, account_id, profile_id, state, choices, sealed_key,"
                " sealed_code, code_ends_at, ask_at, stremio_user, stremio_name, connected_at)"
                " VALUES (:id, :account_id, :profile_id, :state, :choices, :key, :code, :ends_at, :ask_at,"
                " :user, :name, CAST(:connected_at AS BIGINT))"
                " ON CONFLICT (account_id, profile_id) DO UPDATE SET id = :id, state = :state, reason = '',"
                " sealed_key = :key, sealed_code = :code, code_ends_at = :ends_at, ask_at = :ask_at,"
                " stremio_user = :user, stremio_name = :name, connected_at = CAST(:connected_at AS BIGINT),"
                " synced_at = NULL, written_at = 0, untold = TRUE"
                " WHERE stremio_connections.state <> 'connected' RETURNING id",
                id=new.id,
                state=new.state,
                choices=msgspec.json.encode(new.choices).decode(),
                key=sealed_key,
                code=sealed_code,
                ends_at=new.code_ends_at,
                ask_at=new.ask_at,
                user=new.stremio_user,
                name=new.stremio_name,
                connected_at=new.connected_at,
                **bound(new.owner),
            )
            if row is None:
                return False
            await tx.execute(f"DELETE FROM stremio_items WHERE {OWNED}", **bound(new.owner))
        return True

    async def due(self, state: State, *, now: int, limit: int) -> list[StremioConnection]:
        """Those whose turn to be asked about has come, the longest waiting first."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM stremio_connections WHERE state = :state AND ask_at <= :now"
            " ORDER BY ask_at LIMIT :limit",
            state=state,
            now=now,
            limit=limit,
        )
        return [_connection(row) for row in rows]

    async def next_due(self, state: State) -> int | None:
        """When the next one's turn is."""
        row = await self._db.fetch_one(
            "SELECT MIN(ask_at) AS next_at FROM stremio_connections WHERE state = :state", state=state
        )
        return None if row is None or row["next_at"] is None else int(row["next_at"])

    async def claim(self, seen: StremioConnection, *, until: int) -> bool:
        """Ask alone: nobody else does before `until`."""
        claimed = await self._db.execute(
            "UPDATE stremio_connections SET ask_at = :until WHERE id = :id AND ask_at = :ask_at"
            " AND state = :state",
            until=until,
            id=seen.id,
            ask_at=seen.ask_at,
            state=seen.state,
        )
        return claimed == 1

    async def ask_later(self, connection_id: str, *, at: int) -> None:
        await self._db.execute(
            "UPDATE stremio_connections SET ask_at = :at WHERE id = :id", at=at, id=connection_id
        )

    async def confirmed(self, connection_id: str, sealed_key: bytes, *, at: int) -> bool:
        """Keep what came of a code; False where that code is of no use any more."""
        kept = await self._db.execute(
            "UPDATE stremio_connections SET state = 'connected', reason = '', sealed_code = NULL,"
            " code_ends_at = 0, ask_at = 0, sealed_key = :key, connected_at = :at"
            " WHERE id = :id AND state = 'waiting'",
            key=sealed_key,
            at=at,
            id=connection_id,
        )
        return kept == 1

    async def name(self, connection_id: str, user: str, name: str) -> None:
        """What the account is called there."""
        await self._db.execute(
            "UPDATE stremio_connections SET stremio_user = :user, stremio_name = :name WHERE id = :id",
            user=user,
            name=name,
            id=connection_id,
        )

    async def refuse(self, connection_id: str, reason: str) -> bool:
        """Nothing more is asked, and the code or the key goes; False where that was so."""
        refused = await self._db.execute(
            "UPDATE stremio_connections SET state = 'refused', reason = :reason, sealed_code = NULL,"
            " sealed_key = NULL WHERE id = :id AND state <> 'refused'",
            reason=reason,
            id=connection_id,
        )
        return refused == 1

    async def settle(
        self, owner: Owner, change: Callable[[StremioChoices], StremioChoices]
    ) -> StremioChoices | None:
        """Change what is settled; None where there is no connection."""
        place = ("stremio_connections", "choices")
        return await change_json(self._db, owner, place, change, kind=StremioChoices)

    async def reads(self, connection_id: str) -> None:
        """What is read from now on has not been told."""
        await self._db.execute(
            "UPDATE stremio_connections SET untold = TRUE WHERE id = :id", id=connection_id
        )

    async def told(self, connection_id: str, *, at: int) -> None:
        """All that was read has been told."""
        await self._db.execute(
            "UPDATE stremio_connections SET synced_at = :at, untold = FALSE WHERE id = :id",
            at=at,
            id=connection_id,
        )

    async def written(self, connection_id: str, *, until: int) -> None:
        """What the profile did here until then is written there."""
        await self._db.execute(
            "UPDATE stremio_connections SET written_at = :until WHERE id = :id",
            until=until,
            id=connection_id,
        )

    async def of_removed(self, removal: Removal) -> list[StremioConnection]:
        """Those of an account, or of one profile of it."""
        gone, names = gone_with(removal)
        rows = await self._db.fetch_all(f"SELECT {_COLUMNS} FROM stremio_connections WHERE {gone}", **names)
        return [_connection(row) for row in rows]

    async def remove(self, owner: Owner) -> list[StremioConnection]:
        """What there was. Backups stay: they are all that brings a former list back."""
        async with self._db.transaction() as tx:
            rows = await tx.fetch_all(
                f"DELETE FROM stremio_connections WHERE {OWNED} RETURNING {_COLUMNS}", **bound(owner)
            )
            await tx.execute(f"DELETE FROM stremio_items WHERE {OWNED}", **bound(owner))
        return [_connection(row) for row in rows]

    async def remove_owner(self, removal: Removal) -> list[StremioConnection]:
        """Everything of an account, or of one profile of it; the connections as they were."""
        gone, names = gone_with(removal)
        async with self._db.transaction() as tx:
            for table in _BESIDE:
                await tx.execute(f"DELETE FROM {table} WHERE {gone}", **names)
            rows = await tx.fetch_all(
                f"DELETE FROM stremio_connections WHERE {gone} RETURNING {_COLUMNS}", **names
            )
        return [_connection(row) for row in rows]


def _connection(row: Row) -> StremioConnection:
    columns = {name: row[name] for name in row.keys()}  # noqa: SIM118  a Row is no Mapping
    owner = Owner(columns.pop("account_id"), columns.pop("profile_id"))
    choices = msgspec.json.decode(columns.pop("choices"), type=StremioChoices)
    for name in ("sealed_key", "sealed_code"):
        columns[name] = None if columns[name] is None else bytes(columns[name])
    columns["untold"] = bool(columns["untold"])
    return StremioConnection(owner=owner, choices=choices, **columns)

"""Codes that people type at Trakt: in whose row they wait, when they are asked about, and what came of it."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.db import Database
from services.sync.model import Owner
from services.sync.store.connections import COLUMNS, Connection, Pair, connection_of
from services.sync.store.owned import bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a sign-in by code begins with."""

    sealed: bytes = field(repr=False)
    user_code: str = field(repr=False)
    verification_url: str
    ends_at: int
    poll_every_ms: int
    poll_at: int


class CodeStore:
    """Of connections that wait for their code to be typed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin(self, connection_id: str, owner: Owner, sealed_app: bytes, code: Code) -> bool:
        """Wait for a code to be typed; False where the profile is connected. A former row keeps
        what is settled, and gets another id: whoever signs in may be somebody else at Trakt."""
        row = await self._db.fetch_one(
            "INSERT INTO trakt_connections (id, account_id, profile_id, state, choices, sealed_app,"
            " sealed_code, user_code, verification_url, code_ends_at, poll_every_ms, poll_at, generation)"
            " VALUES (:id, :account_id, :profile_id, 'waiting', '{}', :app, :code, :user_code, :url,"
            " :ends_at, :every, :poll_at, 1)"
            " ON CONFLICT (account_id, profile_id) DO UPDATE SET id = :id, state = 'waiting', reason = '',"
            " remark = '', sealed_app = :app, sealed_code = :code, user_code = :user_code,"
            " verification_url = :url, code_ends_at = :ends_at, poll_every_ms = :every, poll_at = :poll_at,"
            " sealed_tokens = NULL, lease = '', generation = trakt_connections.generation + 1"
            " WHERE trakt_connections.state NOT IN ('connected', 'leaving') RETURNING id",
            id=connection_id,
            **bound(owner),
            app=sealed_app,
            code=code.sealed,
            user_code=code.user_code,
            url=code.verification_url,
            ends_at=code.ends_at,
            every=code.poll_every_ms,
            poll_at=code.poll_at,
        )
        return row is not None

    async def waiting(self, limit: int) -> list[Connection]:
        """Whose code nobody has typed yet, those first whose turn to be asked about comes first."""
        rows = await self._db.fetch_all(
            f"SELECT {COLUMNS} FROM trakt_connections WHERE state = 'waiting' ORDER BY poll_at LIMIT :limit",
            limit=limit,
        )
        return [connection_of(row) for row in rows]

    async def claim_poll(self, seen: Connection, *, until: int) -> bool:
        """Ask about a code alone: nobody else does before `until`."""
        claimed = await self._db.execute(
            "UPDATE trakt_connections SET poll_at = :until WHERE id = :id AND generation = :generation"
            " AND state = 'waiting' AND poll_at = :poll_at",
            until=until,
            id=seen.id,
            generation=seen.generation,
            poll_at=seen.poll_at,
        )
        return claimed == 1

    async def poll_later(self, seen: Connection, *, poll_at: int, every_ms: int) -> None:
        await self._db.execute(
            "UPDATE trakt_connections SET poll_at = :poll_at, poll_every_ms = :every WHERE id = :id"
            " AND generation = :generation AND state = 'waiting'",
            poll_at=poll_at,
            every=every_ms,
            id=seen.id,
            generation=seen.generation,
        )

    async def signed_in(self, seen: Connection, pair: Pair, *, at: int) -> bool:
        """Keep what came of a code; False where that code is of no use any more."""
        kept = await self._db.execute(
            "UPDATE trakt_connections SET state = 'connected', reason = '', remark = '', sealed_code = NULL,"
            " user_code = '', verification_url = '', sealed_tokens = :sealed, refresh_at = :refresh_at,"
            " ends_at = :ends_at, generation = generation + 1, trakt_user = '', trakt_name = '',"
            " connected_at = :at, synced_at = NULL, asked_at = 0"
            " WHERE id = :id AND generation = :generation AND state = 'waiting'",
            sealed=pair.sealed,
            refresh_at=pair.refresh_at,
            ends_at=pair.ends_at,
            at=at,
            id=seen.id,
            generation=seen.generation,
        )
        return kept == 1

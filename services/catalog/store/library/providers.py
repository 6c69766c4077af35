"""Accounts at providers: whose they are, what they say, and which run may write of them."""

# ruff: noqa: S608  # only fixed column lists are put into statements

from __future__ import annotations

from collections.abc import Sequence

from libs.common.contracts.handover import ProviderState
from libs.common.db import Database, Queries, Row
from services.catalog.library_model import Provider
from services.catalog.model import Owner
from services.catalog.store.rows import OWNED, bound

_COLUMNS = (
    "number, id, account_id, profile_id, kind, name, host, sealed, play, first_sync, created_at, status,"
    " problem, checked_at, expires_at, max_connections, formats, zone, run, run_number, synced_at,"
    " guide_synced_at, revision"
)


class RunLost(Exception):
    """Another run writes of this account now, or the account is gone."""


class ProviderStore:
    """The table of accounts at providers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def visible(self, owner: Owner) -> list[Provider]:
        """In the order in which they were added."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM library_providers WHERE {OWNED} ORDER BY number", **bound(owner)
        )
        return [_provider(row) for row in rows]

    async def owned(self, owner: Owner, provider_id: str) -> Provider | None:
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM library_providers WHERE id = :id AND {OWNED}",
            id=provider_id,
            **bound(owner),
        )
        return None if row is None else _provider(row)

    async def get(self, provider_id: str) -> Provider | None:
        """Whoever's it is: for services alone."""
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM library_providers WHERE id = :id", id=provider_id
        )
        return None if row is None else _provider(row)

    async def after(self, number: int, *, limit: int) -> list[Provider]:
        """Everybody's, by number: for services alone."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM library_providers WHERE number > :number ORDER BY number LIMIT :limit",
            number=number,
            limit=limit,
        )
        return [_provider(row) for row in rows]

    async def begin(self, provider_id: str, run: str) -> Provider | None:
        """From now on `run` is who writes; None where the account is gone."""
        row = await self._db.fetch_one(
            "UPDATE library_providers SET run_number = run_number + CASE WHEN run = :run THEN 0 ELSE 1 END,"
            f" run = :run WHERE id = :id RETURNING {_COLUMNS}",
            id=provider_id,
            run=run,
        )
        return None if row is None else _provider(row)

    async def put_state(self, provider_id: str, state: ProviderState, *, at: int) -> None:
        await self._db.execute(
            "UPDATE library_providers SET status = :status, problem = :problem, checked_at = :at,"
            " expires_at = CASE WHEN :tells THEN CAST(:expires_at AS BIGINT) ELSE expires_at END,"
            " max_connections = CASE WHEN :tells THEN CAST(:most AS INTEGER) ELSE max_connections END,"
            " formats = CASE WHEN :tells THEN :formats ELSE formats END,"
            " zone = CASE WHEN :tells THEN :zone ELSE zone END WHERE id = :id",
            id=provider_id,
            status=state.status,
            problem=state.problem,
            at=at,
            tells=state.status == "active",
            expires_at=state.expires_at,
            most=state.max_connections,
            formats=" ".join(state.formats),
            zone=state.zone,
        )


async def hold(tx: Queries, number: int, run: str) -> None:
    """To begin each batch of a run with: whoever ends the run waits for this batch. Raises RunLost."""
    held = await tx.execute(
        "UPDATE library_providers SET revision = revision + 1 WHERE number = :number AND run = :run",
        number=number,
        run=run,
    )
    if held != 1:
        raise RunLost


def numbers(providers: Sequence[Provider]) -> tuple[int, ...]:
    return tuple(provider.number for provider in providers)


def _provider(row: Row) -> Provider:
    return Provider(
        number=row["number"],
        id=row["id"],
        owner=Owner(row["account_id"], row["profile_id"]),
        kind=row["kind"],
        name=row["name"],
        host=row["host"],
        sealed=bytes(row["sealed"]),
        play=row["play"],
        first_sync=bool(row["first_sync"]),
        created_at=row["created_at"],
        status=row["status"],
        problem=row["problem"],
        checked_at=row["checked_at"],
        expires_at=row["expires_at"],
        max_connections=row["max_connections"],
        formats=tuple(row["formats"].split()),
        zone=row["zone"],
        run=row["run"],
        run_number=row["run_number"],
        synced_at=row["synced_at"],
        guide_synced_at=row["guide_synced_at"],
        revision=row["revision"],
    )

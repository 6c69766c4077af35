"""What stores of owners' rows stand on: whose they are, the owner's revision, choices of one row each."""

# ruff: noqa: S608  # only tables' names, fixed column lists and bound names are put into statements

from __future__ import annotations

from typing import TypeVar

import msgspec

from libs.common.db import Queries, Row
from services.catalog.model import AddonRow, Owner

ChoiceT = TypeVar("ChoiceT", bound=msgspec.Struct)

ADDON = (
    "id, account_id, profile_id, key, position, name, sealed_url, transport_hash, manifest, manifest_hash,"
    " manifest_fetched_at, manifest_next_at, manifest_failures, manifest_error, enabled, builtin, pinned"
)
"""The columns `addon_of` reads."""

OWNED = "account_id = :account_id AND profile_id = :profile_id"


def bound(owner: Owner) -> dict[str, str]:
    return {"account_id": owner.account_id, "profile_id": owner.profile_id}


async def raise_revision(tx: Queries, owner: Owner) -> int:
    """Begins a change. Changes of one owner wait for each other here, and a reader that compares revisions
    knows whether what it holds in memory is still true."""
    raised = await tx.fetch_one(
        "INSERT INTO addon_lists (account_id, profile_id, revision) VALUES (:account_id, :profile_id, 1)"
        " ON CONFLICT (account_id, profile_id) DO UPDATE SET revision = addon_lists.revision + 1"
        " RETURNING revision",
        **bound(owner),
    )
    return 0 if raised is None else int(raised["revision"])


async def raise_revisions(tx: Queries, account_id: str) -> None:
    """Begins a change to what all profiles of an account share."""
    await tx.execute(
        "UPDATE addon_lists SET revision = revision + 1 WHERE account_id = :account_id", account_id=account_id
    )


async def put_choice(tx: Queries, table: str, owner: Owner, chosen: msgspec.Struct) -> None:
    """Makes `chosen` the owner's one row of `table`, which has a column for each of its fields."""
    values = msgspec.structs.asdict(chosen)
    await tx.execute(
        f"INSERT INTO {table} (account_id, profile_id, {', '.join(values)})"
        f" VALUES (:account_id, :profile_id, {', '.join(f':{name}' for name in values)})"
        " ON CONFLICT (account_id, profile_id) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in values)}",
        **bound(owner),
        **values,
    )


async def choice_of(queries: Queries, table: str, owner: Owner, into: type[ChoiceT]) -> ChoiceT:
    """What the owner chose, or what holds for everybody else."""
    columns = into.__struct_fields__
    row = await queries.fetch_one(f"SELECT {', '.join(columns)} FROM {table} WHERE {OWNED}", **bound(owner))
    # SQLite keeps true as 1.
    return into() if row is None else msgspec.convert({n: row[n] for n in columns}, into, strict=False)


def addon_of(row: Row) -> AddonRow:
    return AddonRow(
        id=row["id"],
        owner=Owner(row["account_id"], row["profile_id"]),
        key=row["key"],
        position=row["position"],
        name=row["name"],
        sealed_url=bytes(row["sealed_url"]),
        transport_hash=row["transport_hash"],
        manifest=row["manifest"].encode(),
        manifest_hash=row["manifest_hash"],
        manifest_fetched_at=row["manifest_fetched_at"],
        manifest_next_at=row["manifest_next_at"],
        manifest_failures=row["manifest_failures"],
        manifest_error=row["manifest_error"],
        enabled=bool(row["enabled"]),
        builtin=bool(row["builtin"]),
        pinned=bool(row["pinned"]),
    )

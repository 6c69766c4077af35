"""Manifests as fetched, and which of them are due to be fetched again."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from libs.common.db import Database, Queries, Value, places_for
from services.catalog.model import AddonRow, Owner
from services.catalog.store.rows import ADDON, OWNED, addon_of, bound, raise_revision


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredManifest:
    """The outcome of one manifest fetch; an empty `manifest` keeps the one there is."""

    manifest: bytes = b""
    manifest_hash: str = ""
    fetched_at: int = 0
    next_at: int
    failures: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How fetching an addon's manifest last went."""

    fetched_at: int
    failures: int
    error: str


class ManifestStore:
    """The manifests of every owner's addons."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put_manifest(
        self, owner: Owner, addon_id: str, *, transport_hash: str, stored: StoredManifest
    ) -> bool:
        """Keeps the outcome of a fetch; False when the addon has gone or moved meanwhile.

        Only another manifest is a change of the owner's list: that the same one was fetched again, or could
        not be, is upkeep.
        """
        async with self._db.transaction() as tx:
            known = await tx.fetch_one(
                f"SELECT manifest_hash FROM addons WHERE {OWNED} AND id = :id AND transport_hash = :hash",
                **bound(owner),
                id=addon_id,
                hash=transport_hash,
            )
            if stored.manifest and known is not None and known["manifest_hash"] != stored.manifest_hash:
                await raise_revision(tx, owner)
                return bool(await write_manifest(tx, owner, addon_id, transport_hash, stored))
            return bool(await _write_upkeep(tx, owner, addon_id, transport_hash, stored))

    async def upkeep_of(self, addon_ids: Iterable[str]) -> dict[str, Upkeep]:
        """How the last fetches went. A list held in memory may be older than that."""
        places, named = places_for("id", addon_ids)
        if not named:
            return {}
        rows = await self._db.fetch_all(
            "SELECT id, manifest_fetched_at, manifest_failures, manifest_error FROM addons"
            f" WHERE id IN ({places})",
            **named,
        )
        return {
            row["id"]: Upkeep(row["manifest_fetched_at"], row["manifest_failures"], row["manifest_error"])
            for row in rows
        }

    async def due(self, *, now: int, limit: int) -> list[AddonRow]:
        """Addons of every owner whose manifest should be fetched again, the longest due first."""
        rows = await self._db.fetch_all(
            f"SELECT {ADDON} FROM addons WHERE manifest_next_at <= :now"
            " ORDER BY manifest_next_at, id LIMIT :limit",
            now=now,
            limit=limit,
        )
        return [addon_of(row) for row in rows]

    async def claim(self, addon: AddonRow, *, until: int) -> bool:
        """Takes a due addon for this process; False when another replica was first."""
        return bool(
            await self._db.execute(
                "UPDATE addons SET manifest_next_at = :until WHERE id = :id AND manifest_next_at = :seen",
                id=addon.id,
                until=until,
                seen=addon.manifest_next_at,
            )
        )


async def write_manifest(
    tx: Queries, owner: Owner, addon_id: str, transport_hash: str, stored: StoredManifest
) -> int:
    """A manifest that was fetched, as part of a change of the owner's list."""
    await tx.execute(
        f"UPDATE addons SET manifest = :manifest, manifest_hash = :manifest_hash WHERE {OWNED}"
        " AND id = :id AND transport_hash = :hash",
        **bound(owner),
        id=addon_id,
        hash=transport_hash,
        manifest=stored.manifest.decode(),
        manifest_hash=stored.manifest_hash,
    )
    return await _write_upkeep(tx, owner, addon_id, transport_hash, stored)


async def _write_upkeep(
    tx: Queries, owner: Owner, addon_id: str, transport_hash: str, stored: StoredManifest
) -> int:
    columns = "manifest_next_at = :next_at, manifest_failures = :failures, manifest_error = :error"
    fetched: dict[str, Value] = {}
    if stored.manifest:
        columns += ", manifest_fetched_at = :fetched_at"
        fetched["fetched_at"] = stored.fetched_at
    return await tx.execute(
        f"UPDATE addons SET {columns} WHERE {OWNED} AND id = :id AND transport_hash = :hash",
        **bound(owner),
        **fetched,
        id=addon_id,
        hash=transport_hash,
        next_at=stored.next_at,
        failures=stored.failures,
        error=stored.error,
    )

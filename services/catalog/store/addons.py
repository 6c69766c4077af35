"""Which addons an owner has, and in which order.

Each change raises the owner's revision in the same transaction.
"""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from libs.common.contracts.ratings import RatingSettings
from libs.common.contracts.tmdb import TmdbChoice
from libs.common.contracts.viewing_settings import ViewingSettings
from libs.common.db import Database, Queries
from services.catalog.errors import AddonExists, AddonNotFound, OrderMismatch, TooManyAddons
from services.catalog.identity.choices import Chosen
from services.catalog.model import AddonRow, Arrangement, Owner
from services.catalog.store.health import forget_figures, release
from services.catalog.store.manifests import StoredManifest, write_manifest
from services.catalog.store.rating_choices import rating_choices
from services.catalog.store.row_choices import arrangement, drop_empty
from services.catalog.store.rows import ADDON, OWNED, addon_of, bound, raise_revision
from services.catalog.store.title_choices import title_choices
from services.catalog.store.tmdb_choices import StoredKey, forget_key, tmdb_choice, tmdb_key
from services.catalog.store.viewing_choices import viewing_choices


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one owner has, as of `revision`; `welcomed` once they were given the demo, kept or not."""

    revision: int
    welcomed: bool
    addons: tuple[AddonRow, ...]
    arrangement: Arrangement
    titles: tuple[Chosen, ...]
    ratings: RatingSettings
    tmdb: TmdbChoice
    tmdb_key: StoredKey | None
    viewing: ViewingSettings


class AddonStore:
    """The lists of addons."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def revision(self, owner: Owner) -> int:
        row = await self._db.fetch_one(f"SELECT revision FROM addon_lists WHERE {OWNED}", **bound(owner))
        return 0 if row is None else int(row["revision"])

    async def shelf(self, owner: Owner) -> Shelf:
        """Reads the revision first: a change in between makes it look old, never new."""
        head = await self._db.fetch_one(
            f"SELECT revision, welcomed_at FROM addon_lists WHERE {OWNED}", **bound(owner)
        )
        rows = await self._db.fetch_all(
            f"SELECT {ADDON} FROM addons WHERE {OWNED} ORDER BY position, id", **bound(owner)
        )
        revision = 0 if head is None else int(head["revision"])
        welcomed = head is not None and head["welcomed_at"] is not None
        chosen = await arrangement(self._db, owner)
        titles = await title_choices(self._db, owner)
        ratings = await rating_choices(self._db, owner)
        return Shelf(
            revision,
            welcomed,
            tuple(addon_of(row) for row in rows),
            chosen,
            titles,
            ratings,
            await tmdb_choice(self._db, owner),
            await tmdb_key(self._db, owner.account_id),
            await viewing_choices(self._db, owner),
        )

    async def popular(self, limit: int) -> list[Owner]:
        """Owners of lists in which, together, the `limit` addons stand that most lists hold."""
        rows = await self._db.fetch_all(
            "SELECT a.account_id, a.profile_id FROM addons a JOIN (SELECT MIN(id) AS id, COUNT(*) AS lists"
            " FROM addons WHERE enabled GROUP BY transport_hash) p ON p.id = a.id"
            " ORDER BY p.lists DESC, a.id LIMIT :limit",
            limit=limit,
        )
        return list(dict.fromkeys(Owner(row["account_id"], row["profile_id"]) for row in rows))

    async def add(self, addon: AddonRow, *, created_at: int, at_most: int) -> None:
        """Puts the addon at the end. Raises AddonExists or TooManyAddons and stores nothing."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, addon.owner)
            known = await tx.fetch_all(
                f"SELECT transport_hash, position FROM addons WHERE {OWNED}", **bound(addon.owner)
            )
            if any(row["transport_hash"] == addon.transport_hash for row in known):
                raise AddonExists("This addon is in your list already.")
            if len(known) >= at_most:
                raise TooManyAddons(f"A profile holds at most {at_most} addons; remove one first.")
            position = max((int(row["position"]) for row in known), default=-1) + 1
            await _insert(tx, addon, position=position, created_at=created_at)

    async def welcome(self, addon: AddonRow, *, at: int) -> None:
        """Gives a new owner `addon`, once in their life: who has addons already is only marked."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, addon.owner)
            first = await tx.execute(
                f"UPDATE addon_lists SET welcomed_at = :at WHERE {OWNED} AND welcomed_at IS NULL",
                **bound(addon.owner),
                at=at,
            )
            known = await tx.fetch_one(f"SELECT id FROM addons WHERE {OWNED} LIMIT 1", **bound(addon.owner))
            if first and known is None:
                await _insert(tx, addon, position=0, created_at=at)

    async def describe(
        self, owner: Owner, addon_id: str, *, name: str, enabled: bool, pinned: bool, asked_again: bool
    ) -> None:
        """One that is to be `asked_again` rests no longer."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            _found(
                await tx.execute(
                    "UPDATE addons SET name = :name, enabled = :enabled, pinned = :pinned"
                    f" WHERE {OWNED} AND id = :id",
                    **bound(owner),
                    id=addon_id,
                    name=name,
                    enabled=enabled,
                    pinned=pinned,
                )
            )
            if asked_again:
                await release(tx, addon_id)

    async def move(
        self, owner: Owner, addon_id: str, *, sealed_url: bytes, transport_hash: str, stored: StoredManifest
    ) -> None:
        """Gives the addon another address; id, key, place, name and row choices stay."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            taken = await tx.fetch_one(
                f"SELECT id FROM addons WHERE {OWNED} AND transport_hash = :hash AND id <> :id",
                **bound(owner),
                hash=transport_hash,
                id=addon_id,
            )
            if taken is not None:
                raise AddonExists("Another addon of your list has this address already.")
            _found(
                await tx.execute(
                    f"UPDATE addons SET sealed_url = :sealed_url, transport_hash = :hash WHERE {OWNED}"
                    " AND id = :id",
                    **bound(owner),
                    id=addon_id,
                    sealed_url=sealed_url,
                    hash=transport_hash,
                )
            )
            await write_manifest(tx, owner, addon_id, transport_hash, stored)
            # What another server did says nothing of this one.
            await forget_figures(tx, addon_id)

    async def order(self, owner: Owner, ids: Sequence[str]) -> None:
        """Raises OrderMismatch, changing nothing, unless `ids` names every addon exactly once."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            known = await tx.fetch_all(f"SELECT id FROM addons WHERE {OWNED}", **bound(owner))
            if sorted(ids) != sorted(row["id"] for row in known):
                raise OrderMismatch("The order has to name each of your addons exactly once.")
            for position, addon_id in enumerate(ids):
                await tx.execute(
                    f"UPDATE addons SET position = :position WHERE {OWNED} AND id = :id",
                    **bound(owner),
                    position=position,
                    id=addon_id,
                )

    async def remove(self, owner: Owner, addon_id: str) -> None:
        """What was chosen about it goes with it, and so does a merged row that was made of nothing else."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            _found(
                await tx.execute(
                    f"DELETE FROM addons WHERE {OWNED} AND id = :id", **bound(owner), id=addon_id
                )
            )
            await drop_empty(tx, owner)

    async def forget(self, account_id: str, profile_id: str | None) -> None:
        """Removes all an account has, or one profile's; choices and health go with their addons."""
        owned = "account_id = :account_id"
        values = {"account_id": account_id}
        if profile_id is not None:
            owned, values = OWNED, bound(Owner(account_id, profile_id))
        async with self._db.transaction() as tx:
            await tx.execute(f"DELETE FROM addons WHERE {owned}", **values)
            await tx.execute(f"DELETE FROM addon_lists WHERE {owned}", **values)
            if profile_id is None:
                await forget_key(tx, account_id)


async def _insert(tx: Queries, addon: AddonRow, *, position: int, created_at: int) -> None:
    await tx.execute(
        f"INSERT INTO addons ({ADDON}, created_at) VALUES (:id, :account_id, :profile_id, :key,"
        " :position, :name, :sealed_url, :transport_hash, :manifest, :manifest_hash,"
        " :manifest_fetched_at, :manifest_next_at, :manifest_failures, :manifest_error, :enabled,"
        " :builtin, :pinned, :created_at)",
        **bound(addon.owner),
        id=addon.id,
        key=addon.key,
        position=position,
        name=addon.name,
        sealed_url=addon.sealed_url,
        transport_hash=addon.transport_hash,
        manifest=addon.manifest.decode(),
        manifest_hash=addon.manifest_hash,
        manifest_fetched_at=addon.manifest_fetched_at,
        manifest_next_at=addon.manifest_next_at,
        manifest_failures=addon.manifest_failures,
        manifest_error=addon.manifest_error,
        enabled=addon.enabled,
        builtin=addon.builtin,
        pinned=addon.pinned,
        created_at=created_at,
    )


def _found(changed: int | bool) -> None:
    if not changed:
        raise AddonNotFound("There is no such addon in your list.")

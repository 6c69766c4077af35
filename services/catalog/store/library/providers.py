"""Accounts at providers: whose they are, what they say, and which run may write of them."""

# ruff: noqa: S608  # only fixed column lists are put into statements

from __future__ import annotations

from collections.abc import Sequence

from libs.common.contracts.handover import ProviderState
from libs.common.contracts.library import ItemTotals, PlayMode
from libs.common.db import Database, Queries, Row
from services.catalog.errors import ProviderExists, ProviderNotFound, TooManyProviders
from services.catalog.library_model import KIND_NAMES, Provider
from services.catalog.model import Owner
from services.catalog.store.library import many
from services.catalog.store.rows import OWNED, bound, raise_revision

_COLUMNS = (
    "number, id, account_id, profile_id, kind, name, host, sealed, play, first_sync, created_at, status,"
    " problem, checked_at, expires_at, max_connections, formats, zone, run, run_number, synced_at,"
    " guide_synced_at, revision, rests_until"
)

_NEW = (
    "id",
    "account_id",
    "profile_id",
    "kind",
    "name",
    "host",
    "sealed",
    "address_hash",
    "play",
    "first_sync",
    "created_at",
    "status",
    "problem",
    "checked_at",
    "expires_at",
    "max_connections",
    "formats",
    "zone",
)
_COUNTED = {
    "'episodes'": "library_episodes",
    "'categories'": "library_categories",
    "'programmes'": "library_programmes",
}


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

    async def at(self, owner: Owner, address_hash: str) -> str | None:
        """The id of the one with that address."""
        row = await self._db.fetch_one(
            f"SELECT id FROM library_providers WHERE address_hash = :hash AND {OWNED}",
            hash=address_hash,
            **bound(owner),
        )
        return None if row is None else str(row["id"])

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

    async def in_all(self) -> int:
        row = await self._db.fetch_one("SELECT COUNT(*) AS n FROM library_providers")
        return 0 if row is None else int(row["n"])

    async def worst(self, limit: int) -> list[Provider]:
        """Everybody's, those with a problem first. For administrators."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM library_providers"
            " ORDER BY CASE WHEN problem = '' THEN 1 ELSE 0 END, number LIMIT :limit",
            limit=limit,
        )
        return [_provider(row) for row in rows]

    async def check_room(self, owner: Owner, *, address_hash: str, at_most: int) -> None:
        """Raises what `add` would raise now."""
        await _check_room(self._db, owner, address_hash=address_hash, at_most=at_most)

    async def add(self, provider: Provider, *, address_hash: str, at_most: int) -> None:
        """Gives it a number of its own. Raises ProviderExists or TooManyProviders and stores nothing."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, provider.owner)
            await _check_room(tx, provider.owner, address_hash=address_hash, at_most=at_most)
            await tx.execute(
                f"INSERT INTO library_providers ({', '.join(_NEW)})"
                f" VALUES ({', '.join(f':{name}' for name in _NEW)})",
                **bound(provider.owner),
                id=provider.id,
                kind=provider.kind,
                name=provider.name,
                host=provider.host,
                sealed=provider.sealed,
                address_hash=address_hash,
                play=provider.play,
                first_sync=provider.first_sync,
                created_at=provider.created_at,
                status=provider.status,
                problem=provider.problem,
                checked_at=provider.checked_at,
                expires_at=provider.expires_at,
                max_connections=provider.max_connections,
                formats=" ".join(provider.formats),
                zone=provider.zone,
            )

    async def describe(self, owner: Owner, provider_id: str, *, name: str, play: PlayMode) -> None:
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            _found(
                await tx.execute(
                    "UPDATE library_providers SET name = :name, play = :play, revision = revision + 1"
                    f" WHERE {OWNED} AND id = :id",
                    **bound(owner),
                    id=provider_id,
                    name=name,
                    play=play,
                )
            )

    async def move(
        self, owner: Owner, provider_id: str, *, host: str, sealed: bytes, address_hash: str
    ) -> None:
        """Gives the account another address or password; what it has stays. Raises ProviderExists."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            taken = await tx.fetch_one(
                f"SELECT id FROM library_providers WHERE {OWNED} AND address_hash = :hash AND id <> :id",
                **bound(owner),
                hash=address_hash,
                id=provider_id,
            )
            if taken is not None:
                raise ProviderExists("Another of your accounts is this one already.")
            _found(
                await tx.execute(
                    "UPDATE library_providers SET host = :host, sealed = :sealed, address_hash = :hash,"
                    f" revision = revision + 1 WHERE {OWNED} AND id = :id",
                    **bound(owner),
                    id=provider_id,
                    host=host,
                    sealed=sealed,
                    hash=address_hash,
                )
            )

    async def remove(self, owner: Owner, provider_id: str) -> None:
        """From now on nothing of it is visible; its rows go by and by."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            gone = await tx.fetch_all(
                f"DELETE FROM library_providers WHERE {OWNED} AND id = :id RETURNING number",
                **bound(owner),
                id=provider_id,
            )
            _found(len(gone))
            await _note_removed(tx, gone)

    async def forget(self, account_id: str, profile_id: str | None) -> None:
        """Removes all that an account has, or one profile of it."""
        owned, values = "account_id = :account_id", {"account_id": account_id}
        if profile_id is not None:
            owned, values = OWNED, bound(Owner(account_id, profile_id))
        async with self._db.transaction() as tx:
            gone = await tx.fetch_all(
                f"DELETE FROM library_providers WHERE {owned} RETURNING number", **values
            )
            await _note_removed(tx, gone)
            # What people chose hangs on no account at a provider: nothing else takes it along.
            for table in ("match_choices", "library_favourites", "library_hidden_categories"):
                await tx.execute(f"DELETE FROM {table} WHERE {owned}", **values)

    async def claim_removed(self, number: int, *, until: int, now: int | None = None) -> bool:
        """Whether its rows are the caller's to remove until then; without `now` they are already."""
        claimed = await self._db.execute(
            "UPDATE library_removed SET busy_until = :until WHERE number = :number AND busy_until < :now",
            number=number,
            until=until,
            now=until if now is None else now,
        )
        return claimed == 1

    async def totals(self, providers: Sequence[Provider]) -> dict[int, ItemTotals]:
        """By number, in one statement."""
        given = many.numbers(self._db.dialect, "given")
        counts = (
            f"SELECT provider, {what} AS what, COUNT(*) AS items FROM {table}"
            f" WHERE provider IN {given} GROUP BY provider"
            for what, table in _COUNTED.items()
        )
        rows = await self._db.fetch_all(
            "SELECT provider, CAST(kind AS TEXT) AS what, items FROM library_facets"
            f" WHERE provider IN {given} AND facet = 'all' UNION ALL {' UNION ALL '.join(counts)}",
            given=many.encoded(numbers(providers)),
        )
        found: dict[int, dict[str, int]] = {provider.number: {} for provider in providers}
        for row in rows:
            what = row["what"]
            found[row["provider"]][KIND_NAMES[int(what)] if what.isdecimal() else what] = row["items"]
        return {number: ItemTotals(**counted) for number, counted in found.items()}

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

    async def rest(self, provider_id: str, *, until: int) -> None:
        """Of two rests the longer one counts."""
        await self._db.execute(
            "UPDATE library_providers SET rests_until = :until WHERE id = :id AND rests_until < :until",
            id=provider_id,
            until=until,
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


async def _check_room(queries: Queries, owner: Owner, *, address_hash: str, at_most: int) -> None:
    known = await queries.fetch_all(
        f"SELECT address_hash FROM library_providers WHERE {OWNED}", **bound(owner)
    )
    if any(row["address_hash"] == address_hash for row in known):
        raise ProviderExists("You have this account already.")
    if len(known) >= at_most:
        raise TooManyProviders(f"A profile holds at most {at_most} of these accounts; remove one first.")


async def _note_removed(tx: Queries, gone: Sequence[Row]) -> None:
    await tx.insert_rows("library_removed", ("number",), [(row["number"],) for row in gone])


def _found(changed: int) -> None:
    if not changed:
        raise ProviderNotFound("You have no such account.")


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
        rests_until=row["rests_until"],
    )

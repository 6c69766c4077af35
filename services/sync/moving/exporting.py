"""Everything that belongs to an account, of all services and all profiles, as one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.accounts import AccountsClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.moving import MovedRow, moved_rows
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.moving import Sealed, told_lines
from libs.common.secrets import SecretBox
from services.sync.account_settings import webhook_context
from services.sync.moving.archive import Archive
from services.sync.moving.form import FileRow, Manifest, ProfileRow
from services.sync.moving.sealing import Seal
from services.sync.store.moving import MovingStore

AT_ONCE: Final = 2
"""Exports of one process: each key costs 32 MB for a moment, each file processor time."""
ROWS_AT_ONCE: Final = 200
SEALED: Final = {"sync_settings": Sealed("sealed_webhook", lambda row: webhook_context(str(row["subject"])))}
_decoder = msgspec.json.Decoder(MovedRow)


class Exports:
    def __init__(
        self,
        accounts: AccountsClient,
        services: tuple[ServiceClient, ...],
        store: MovingStore,
        box: SecretBox,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._services = services
        self._store = store
        self._box = box
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def file(
        self, identity: Identity, passphrase: str | None, *, deadline: Deadline
    ) -> AsyncGenerator[bytes]:
        """Raises what the services answer; a file without its end is known to be none."""
        async with self._turns:
            profiles = await self._accounts.list_profiles(identity, deadline=deadline)
            seal = None if passphrase is None else await asyncio.to_thread(Seal, passphrase)
            archive, waiting = Archive(), 0
            async with aclosing(self._rows(identity, secrets=seal is not None, deadline=deadline)) as rows:
                async for row in rows:
                    name = f"{row.kind}.ndjson"
                    archive.add(name, msgspec.json.encode(_file_row(row, name, seal)) + b"\n")
                    waiting = (waiting + 1) % ROWS_AT_ONCE
                    if not waiting and (ready := archive.take()):
                        yield ready
            archive.end_members()
            manifest = Manifest(
                made_at=self._clock.now().replace(microsecond=0),
                credentials="left_out" if seal is None else "sealed",
                sealing=None if seal is None else seal.means,
                profiles=tuple(ProfileRow(each.id, each.name) for each in profiles.items),
                members=archive.members,
            )
            archive.finish(msgspec.json.encode(manifest))
            yield archive.take()

    async def _rows(
        self, identity: Identity, *, secrets: bool, deadline: Deadline
    ) -> AsyncGenerator[MovedRow]:
        for service in self._services:
            async with aclosing(moved_rows(service, identity, secrets=secrets, deadline=deadline)) as rows:
                async for row in rows:
                    yield row
        own = self._store.rows(identity.account_id)
        async for lines in told_lines(own, SEALED, self._box, secrets=secrets):
            for line in lines.splitlines():
                yield _decoder.decode(line)


def _file_row(row: MovedRow, member: str, seal: Seal | None) -> FileRow:
    body = {name: value for name, value in row.body.items() if name != "account_id"}
    if not row.has_secret:
        return FileRow(row=body)
    if seal is None or not row.secret:
        return FileRow(row=body, credentials="left_out")
    return FileRow(row=body, credentials="sealed", sealed=seal.sealed(row.secret, member=member))

"""Handing what was brought to those whose it is. Whoever takes over goes on, and twice is once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.moving import KINDS, MovedRow, Taken, TakenCounts, hand_over, lines_of_rows
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.moving import taken_in
from libs.common.secrets import SecretBox
from services.sync.account_settings import AccountSettings
from services.sync.moving.form import FileRow
from services.sync.moving.own import OwnIntake
from services.sync.moving.profiles import Profiles
from services.sync.moving.told import Told, moved_row, read_of, text_of, told_of
from services.sync.store.imports import ImportStore, StoredImport
from services.sync.store.moving import MovingStore

TAKE_S: Final = 1800.0
SERVICES: Final = tuple(dict.fromkeys(KINDS.values()))
_rows = msgspec.json.Decoder(tuple[FileRow, ...])

Report = Callable[[str, int, Told], Awaitable[None]]


class TakingIn:
    """Raises what services say."""

    def __init__(
        self,
        store: ImportStore,
        services: tuple[ServiceClient, ...],
        own: MovingStore,
        settings: AccountSettings,
        profiles: Profiles,
        *,
        box: SecretBox,
        clock: Clock,
    ) -> None:
        self._store = store
        self._services = {service.name: service for service in services}
        self._own = own
        self._settings = settings
        self._profiles = profiles
        self._box = box
        self._clock = clock

    async def look(self, held: StoredImport, profiles: dict[str, str], *, deadline: Deadline) -> Told:
        """What would become of it; nothing does."""
        told = Told(profiles=profiles)
        for service in SERVICES:
            told = await self._handed(held, service, told, look=True, deadline=deadline)
        return told

    async def apply(self, held: StoredImport, report: Report) -> Told:
        told = told_of(held)
        if not told.profiles:
            account = Identity(held.owner.account_id, tier="api").as_service()
            made = await self._profiles.made(account, read_of(held).profiles)
            told = msgspec.structs.replace(told, profiles=made)
            await self._store.note(held.owner, held.id, text_of(told))
        for number, service in enumerate(SERVICES):
            if service in told.taken:
                continue
            await report(service, 100 * number // len(SERVICES), told)
            deadline = Deadline.after(self._clock, TAKE_S)
            told = await self._handed(held, service, told, look=False, deadline=deadline)
            await self._store.note(held.owner, held.id, text_of(told))
        at = epoch_ms(self._clock)
        await self._store.end(held.owner, held.id, text_of(told), at=at)
        return told

    async def _handed(
        self, held: StoredImport, service: str, told: Told, *, look: bool, deadline: Deadline
    ) -> Told:
        account_id, lost = held.owner.account_id, Counter[str]()
        rows = self._moved(held, service, told.profiles, lost)
        if service in self._services:
            identity = Identity(account_id, tier="api").as_service()
            taken = await hand_over(self._services[service], identity, rows, look=look, deadline=deadline)
        else:
            intake = OwnIntake(self._own, self._settings, account_id, told.ids(), look=look)
            taken = await taken_in(lines_of_rows(rows), intake.take, {})
        return msgspec.structs.replace(told, taken={**told.taken, service: _with_lost(taken, lost)})

    async def _moved(
        self, held: StoredImport, service: str, profiles: dict[str, str], lost: Counter[str]
    ) -> AsyncIterator[MovedRow]:
        """`lost` counts what belongs to no profile."""
        for kind in (kind for kind, owner in KINDS.items() if owner == service):
            async for chunk in self._store.chunks(held.id, kind):
                for row in _rows.decode(chunk.body):
                    moved = moved_row(self._box, held.id, kind, row, profiles)
                    if moved is None:
                        lost[kind] += 1
                    else:
                        yield moved


def _with_lost(taken: Taken, lost: Mapping[str, int]) -> Taken:
    kinds = dict(taken.kinds)
    for kind, count in lost.items():
        counts = kinds.get(kind, TakenCounts())
        kinds[kind] = msgspec.structs.replace(counts, refused=counts.refused + count)
    return msgspec.structs.replace(taken, kinds=kinds)

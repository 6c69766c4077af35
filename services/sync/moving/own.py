"""What sync itself takes in: when accounts at providers are read, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from libs.common.contracts.moving import NEW_PROFILE, MovedRow
from libs.common.contracts.sync import SyncSettings
from libs.common.contracts.viewing_handover import Moment
from libs.common.errors import InvalidInput, NotFound
from libs.common.identity import Identity
from libs.common.moving import Outcome, body_as, profile_of
from services.sync.account_settings import AccountSettings
from services.sync.store.moving import MovingStore


class MovedSettings(msgspec.Struct, frozen=True, kw_only=True):
    subject: Annotated[str, msgspec.Meta(max_length=100)]
    body: Annotated[str, msgspec.Meta(max_length=10_000)]


class MovedNetwork(msgspec.Struct, frozen=True, kw_only=True):
    metered: bool
    told_at: Moment


class OwnIntake:
    """One import's. `ids`: what accounts at providers of the other hub are known as here."""

    def __init__(
        self,
        store: MovingStore,
        settings: AccountSettings,
        account_id: str,
        ids: Mapping[str, str],
        *,
        look: bool,
    ) -> None:
        self._store = store
        self._settings = settings
        self._account_id = account_id
        self._ids = ids
        self._look = look

    async def take(self, kind: str, rows: Sequence[MovedRow]) -> Sequence[Outcome]:
        owner = Identity(self._account_id, profile_of(rows[0]), tier="api").as_service()
        take = self._settled if kind == "sync_settings" else self._network
        return [await take(owner, row) for row in rows]

    async def _settled(self, owner: Identity, row: MovedRow) -> Outcome:
        moved = body_as(row, MovedSettings)
        subject = None if moved is None else self._ids.get(moved.subject)
        if moved is None or subject is None or (row.has_secret and not row.secret):
            return "refused" if moved is None else "credentials"
        if await self._settings.has_settled(subject):
            return "there"
        try:
            wanted = msgspec.json.decode(moved.body, type=SyncSettings)
            if row.secret:
                wanted = msgspec.structs.replace(wanted, webhook=row.secret)
            if not self._look:
                await self._settings.put(owner, subject, wanted)
        except (msgspec.MsgspecError, RecursionError, InvalidInput, NotFound):
            return "refused"
        return "added"

    async def _network(self, owner: Identity, row: MovedRow) -> Outcome:
        moved = body_as(row, MovedNetwork)
        if moved is None:
            return "refused"
        if owner.profile_id.startswith(NEW_PROFILE):
            return "added"
        values = {
            **msgspec.structs.asdict(moved),
            "account_id": owner.account_id,
            "profile_id": owner.profile_id,
        }
        return "added" if await self._store.put_network(values, look=self._look) else "there"

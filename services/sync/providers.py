"""The accounts at providers. Catalog owns them; they are few, and asked for anew every time."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import HandoverClient, ProviderRef
from libs.common.contracts.library import ProviderKind
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from services.sync.errors import AccountNeeded, AccountNotFound

PAGE: Final = 500
CALL_S: Final = 10.0


class Providers:
    """Everybody's, and what of them is somebody's own."""

    def __init__(self, handover: HandoverClient, clock: Clock) -> None:
        self._handover = handover
        self._clock = clock

    async def everybodys(self) -> list[ProviderRef]:
        found: list[ProviderRef] = []
        while True:
            after = found[-1].number if found else 0
            page = await self._handover.providers(
                after=after, deadline=Deadline.after(self._clock, CALL_S), limit=PAGE
            )
            found += page.items
            if len(page.items) < PAGE:
                return found

    async def find(
        self, identity: Identity, kind: ProviderKind | None, provider_id: str | None
    ) -> ProviderRef:
        """The caller's own of that name, or their only one. Raises AccountNotFound or AccountNeeded."""
        found = await self._handover.own_providers(
            identity.account_id, identity.profile_id, deadline=Deadline.after(self._clock, CALL_S)
        )
        own = [ref for ref in found.items if kind is None or ref.kind == kind]
        if provider_id:
            named = next((ref for ref in own if ref.id == provider_id), None)
            if named is None:
                raise AccountNotFound("There is no such account.")
            return named
        if len(own) != 1:
            several = "Several accounts are there" if own else "There is no account of this kind"
            raise AccountNeeded(
                f"{several}: say which one is meant.", fields={"account_id": "the id of one of your accounts"}
            )
        return own[0]

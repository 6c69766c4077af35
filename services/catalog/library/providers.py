"""Accounts at providers: which an owner has, and how they are asked. Credentials are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec
import structlog

from libs.addons.addon import AddressHash
from libs.common.clock import Clock, epoch_ms, moment_or_none
from libs.common.contracts.handover import (
    ProviderAccess,
    ProviderRef,
    ProviderRefs,
    ProviderState,
)
from libs.common.contracts.library import (
    ItemTotals,
    M3uAccountPatch,
    NewM3uAccount,
    NewXtreamAccount,
    PlayMode,
    ProviderKind,
    XtreamAccountPatch,
)
from libs.common.contracts.standing import LibraryStanding
from libs.common.deadline import Deadline
from libs.common.secrets import SecretBox, SecretsError, new_token
from libs.providers.states import EXPECTED, state_of
from services.catalog.errors import ProviderNotFound
from services.catalog.library.pasted import (
    clean_name,
    host_of,
    m3u_access,
    m3u_changed,
    xtream_access,
    xtream_changed,
)
from services.catalog.library.refusals import refusal_of
from services.catalog.library.sealing import Sealing
from services.catalog.library_model import Provider
from services.catalog.model import Owner
from services.catalog.sources.panel import Checked, Panels
from services.catalog.store.library.providers import ProviderStore

log = structlog.get_logger(__name__)

LOCKED: Final = ProviderState(
    status="unreadable",
    problem="The account can't be opened with the hub's secret key. Enter its address and password again.",
)

MEMORY_TOTALS: Final = 10_000
"""Accounts whose totals are held ready, some hundred bytes each."""


class Providers:
    """Reads and changes the accounts of owners. One that is certainly wrong is never stored."""

    def __init__(
        self,
        store: ProviderStore,
        panels: Panels,
        *,
        box: SecretBox,
        address_hash: AddressHash,
        clock: Clock,
        max_providers: int,
    ) -> None:
        self._store = store
        self._panels = panels
        self._sealing = Sealing(box, address_hash)
        self._clock = clock
        self._max_providers = max_providers
        self._totals: dict[int, tuple[int, ItemTotals]] = {}

    async def listed(self, owner: Owner) -> list[Provider]:
        return await self._store.visible(owner)

    async def everybody(self, limit: int) -> tuple[tuple[LibraryStanding, ...], int]:
        """The worst off of the hub, and how many accounts it has."""
        return tuple(map(_standing, await self._store.worst(limit))), await self._store.in_all()

    async def get(self, owner: Owner, provider_id: str) -> Provider:
        found = await self._store.owned(owner, provider_id)
        if found is None:
            raise ProviderNotFound("You have no such account.")
        return found

    async def totals(self, providers: Sequence[Provider]) -> dict[int, ItemTotals]:
        """By number. Counted anew only where something was written since: pages ask every few seconds."""
        known = {
            each.number: held[1]
            for each in providers
            if (held := self._totals.get(each.number)) is not None and held[0] == each.revision
        }
        stale = [each for each in providers if each.number not in known]
        if not stale:
            return known
        counted = await self._store.totals(stale)
        if len(self._totals) > MEMORY_TOTALS:
            self._totals.clear()
        self._totals |= {each.number: (each.revision, counted[each.number]) for each in stale}
        return known | counted

    async def add_xtream(self, owner: Owner, new: NewXtreamAccount, *, deadline: Deadline) -> Provider:
        """Asks the panel first. Raises NotAProvider, ProviderRefused, ProviderExists or TooManyProviders."""
        access = xtream_access(new_token(bytes_=9), new)
        return await self._add(owner, access, sync=new.sync, deadline=deadline)

    async def add_m3u(self, owner: Owner, new: NewM3uAccount, *, deadline: Deadline) -> Provider:
        """Reads the beginning of the list first. Raises as `add_xtream` does."""
        access = m3u_access(new_token(bytes_=9), new)
        return await self._add(owner, access, sync=new.sync, deadline=deadline)

    async def take_over(
        self, owner: Owner, secret: str, *, kind: ProviderKind, name: str, play: PlayMode, look: bool
    ) -> tuple[str, bool]:
        """One that another hub sealed, taken over unasked: it may be away now. Its id here, and whether
        it is new. Raises InvalidInput, NotAProvider, TooManyProviders."""
        access = self._sealing.moved(new_token(bytes_=9), secret, kind=kind, name=name)
        address_hash = self._sealing.hashed(access)
        known = await self._store.at(owner, address_hash)
        if known is not None or look:
            return known or "", known is None
        new = self._new(owner, access, ProviderState(status="unchecked"), sync=True)
        await self._store.add(
            replace(new, play=play, checked_at=None), address_hash=address_hash, at_most=self._max_providers
        )
        return access.id, True

    async def change(
        self,
        owner: Owner,
        provider_id: str,
        patch: XtreamAccountPatch | M3uAccountPatch,
        *,
        deadline: Deadline,
    ) -> Provider:
        """A new address or password is asked first; one that is certainly wrong changes nothing."""
        provider = await self.get(owner, provider_id)
        name = clean_name(patch.name) if isinstance(patch.name, str) else provider.name
        play = patch.play if isinstance(patch.play, str) else provider.play
        await self._move(provider, patch, deadline=deadline)
        if (name, play) != (provider.name, provider.play):
            name = name or (await self.get(owner, provider_id)).host
            await self._store.describe(owner, provider_id, name=name, play=play)
        return await self.get(owner, provider_id)

    async def check(self, owner: Owner, provider_id: str, *, deadline: Deadline) -> Provider:
        """Asks the provider now; what it says is the account's state, whatever it is."""
        provider = await self.get(owner, provider_id)
        try:
            access = self.opened(provider)
        except SecretsError:
            await self._store.put_state(provider_id, LOCKED, at=epoch_ms(self._clock))
        else:
            checked = await self._state(access, deadline)
            if checked.user_agent != access.user_agent:
                await self._store_access(
                    owner, msgspec.structs.replace(access, user_agent=checked.user_agent)
                )
            await self._store.put_state(provider_id, checked.state, at=epoch_ms(self._clock))
        return await self.get(owner, provider_id)

    async def remove(self, owner: Owner, provider_id: str) -> None:
        await self._store.remove(owner, provider_id)

    async def forget(self, account_id: str, profile_id: str | None) -> None:
        """Removes what an account has, or one profile of it."""
        await self._store.forget(account_id, profile_id)

    async def refs(self, *, after: int, limit: int) -> ProviderRefs:
        """Everybody's, for who plans work."""
        return _refs(await self._store.after(after, limit=limit))

    async def own_refs(self, owner: Owner) -> ProviderRefs:
        return _refs(await self._store.visible(owner))

    async def access(self, provider_id: str) -> ProviderAccess:
        """Whoever's it is, for services. Raises ProviderNotFound or SecretsError."""
        return self.opened(await self._anybodys(provider_id))

    async def put_state(self, provider_id: str, state: ProviderState) -> None:
        await self._anybodys(provider_id)
        await self._store.put_state(provider_id, state, at=epoch_ms(self._clock))

    def opened(self, provider: Provider) -> ProviderAccess:
        """How to ask it. Raises SecretsError."""
        return self._sealing.opened(provider)

    async def _anybodys(self, provider_id: str) -> Provider:
        found = await self._store.get(provider_id)
        if found is None:
            raise ProviderNotFound("There is no such account.")
        return found

    async def _add(self, owner: Owner, access: ProviderAccess, *, sync: bool, deadline: Deadline) -> Provider:
        # Said before asking the provider: the usual mistake is adding the same account twice.
        address_hash = self._sealing.hashed(access)
        await self._store.check_room(owner, address_hash=address_hash, at_most=self._max_providers)
        checked = await self._judged(access, deadline)
        access = msgspec.structs.replace(access, user_agent=checked.user_agent)
        await self._store.add(
            self._new(owner, access, checked.state, sync=sync),
            address_hash=address_hash,
            at_most=self._max_providers,
        )
        return await self.get(owner, access.id)

    def _new(self, owner: Owner, access: ProviderAccess, state: ProviderState, *, sync: bool) -> Provider:
        return Provider(
            number=0,
            id=access.id,
            owner=owner,
            kind=access.kind,
            name=access.name,
            host=host_of(access.url),
            sealed=self._sealing.sealed(access),
            play="proxy",
            first_sync=sync,
            created_at=epoch_ms(self._clock),
            status=state.status,
            problem=state.problem,
            checked_at=epoch_ms(self._clock),
            expires_at=state.expires_at,
            max_connections=state.max_connections,
            formats=state.formats,
            zone=state.zone,
            run="",
            run_number=0,
            synced_at=None,
            guide_synced_at=None,
            revision=0,
        )

    async def _move(
        self, provider: Provider, patch: XtreamAccountPatch | M3uAccountPatch, *, deadline: Deadline
    ) -> None:
        before = self._opened_or_blank(provider)
        if isinstance(patch, XtreamAccountPatch):
            access = xtream_changed(before, patch)
        else:
            access = m3u_changed(before, patch)
        if access == before:
            return
        checked = await self._judged(access, deadline)
        access = msgspec.structs.replace(access, user_agent=checked.user_agent)
        await self._store_access(provider.owner, access)
        await self._store.put_state(provider.id, checked.state, at=epoch_ms(self._clock))

    async def _store_access(self, owner: Owner, access: ProviderAccess) -> None:
        await self._store.move(
            owner,
            access.id,
            host=host_of(access.url),
            sealed=self._sealing.sealed(access),
            address_hash=self._sealing.hashed(access),
        )

    def _opened_or_blank(self, provider: Provider) -> ProviderAccess:
        """What was sealed with a lost key can be entered again, all of it."""
        try:
            return self.opened(provider)
        except SecretsError:
            log.warning("provider_unreadable", provider=provider.id)
            return ProviderAccess(id=provider.id, kind=provider.kind, name=provider.name, url="")

    async def _judged(self, access: ProviderAccess, deadline: Deadline) -> Checked:
        """Raises NotAProvider or ProviderRefused for what is certainly wrong; the rest may get well again."""
        try:
            return await self._panels.check(access, deadline=deadline)
        except EXPECTED as error:
            refusal = refusal_of(error)
            if refusal is not None:
                raise refusal from None
            return Checked(state_of(error), access.user_agent)

    async def _state(self, access: ProviderAccess, deadline: Deadline) -> Checked:
        try:
            return await self._panels.check(access, deadline=deadline)
        except EXPECTED as error:
            return Checked(state_of(error), access.user_agent)


def _refs(providers: Sequence[Provider]) -> ProviderRefs:
    return ProviderRefs(
        tuple(
            ProviderRef(
                number=provider.number,
                id=provider.id,
                account_id=provider.owner.account_id,
                profile_id=provider.owner.profile_id,
                kind=provider.kind,
                first_sync=provider.first_sync,
                synced_at=provider.synced_at,
            )
            for provider in providers
        )
    )


def _standing(provider: Provider) -> LibraryStanding:
    return LibraryStanding(
        provider_id=provider.id,
        kind=provider.kind,
        state=provider.status,
        checked_at=moment_or_none(provider.checked_at),
        synced_at=moment_or_none(provider.synced_at),
    )

"""Invitations, and people who make an account of their own."""

from __future__ import annotations

import msgspec

from libs.common.contracts.accounts import (
    MAX_OPEN_INVITATIONS,
    InvitationList,
    InvitationMade,
    NewInvitation,
    Registration,
    RegistrationMode,
)
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.networks import network_of
from libs.common.secrets import hash_token, new_token
from services.auth.administration import check_outlives
from services.auth.errors import InvitationRefused, RegistrationClosed, TooMany
from services.auth.model import MEMBER, Account, check_chosen
from services.auth.passwords import Passwords
from services.auth.store.accounts import AccountStore
from services.auth.store.invitations import InvitationStore
from services.auth.throttle import LoginThrottle

PREFIX = "hgi_"
CODE_BYTES = 16  # typed from a letter now and then; 128 bits are still not guessed


class Invitations:
    """The routes have made sure that an administrator asks."""

    def __init__(self, store: InvitationStore) -> None:
        self._store = store

    async def page(self) -> InvitationList:
        return InvitationList(tuple(await self._store.invitations()))

    async def invite(self, by: Identity, wanted: NewInvitation) -> InvitationMade:
        """Raises TooMany, KeyRefused."""
        check_outlives(by, role=wanted.role)
        code = new_token(PREFIX, CODE_BYTES)
        made = await self._store.add(by, wanted, hash_token(code))
        if made is None:
            raise TooMany("open invitations", MAX_OPEN_INVITATIONS)
        return InvitationMade(**msgspec.structs.asdict(made), code=code)

    async def withdraw(self, by: Identity, invitation_id: str) -> None:
        """One that was used is history and not found."""
        if not await self._store.withdraw(by, invitation_id):
            raise NotFound("There is no such open invitation.")


class Registrations:
    """`mode` is the operator's."""

    def __init__(
        self,
        store: InvitationStore,
        accounts: AccountStore,
        passwords: Passwords,
        throttle: LoginThrottle,
        *,
        mode: RegistrationMode,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._throttle = throttle
        self._mode = mode

    async def register(self, wanted: Registration) -> Account:
        """Raises RegistrationClosed, InvitationRefused, NameTaken, TooManyLogins, InvalidInput."""
        # The first account of a hub is its owner's.
        if self._mode == "closed" or not await self._accounts.has_owner():
            raise RegistrationClosed
        name, password = check_chosen(wanted.username, wanted.password)
        # Every attempt counts: names and codes are not to be tried out, nor accounts made by the hundred.
        await self._throttle.count_registration(wanted.client_address)
        code_hash = hash_token(wanted.invitation) if wanted.invitation else None
        if code_hash is None and self._mode == "invitation":
            raise InvitationRefused
        if code_hash is not None and not await self._store.works(code_hash):
            raise InvitationRefused
        return await self._store.register(
            name,
            await self._passwords.hash(password),
            code_hash=code_hash,
            role=MEMBER,
            tier="free",
            network=network_of(wanted.client_address),
        )

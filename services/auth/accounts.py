"""Accounts: the owner's set-up, and finding out who signs in."""

from __future__ import annotations

from dataclasses import replace

from libs.common.contracts.accounts import NewPassword, OwnDeletion
from libs.common.errors import Unauthenticated
from libs.common.identity import Identity
from libs.common.networks import network_of
from services.auth.errors import (
    AccountDisabled,
    AlreadySetUp,
    KeyRefused,
    OwnerProtected,
    WrongCredentials,
    WrongPassword,
)
from services.auth.model import (
    OWNER,
    Account,
    Username,
    check_chosen,
    check_password,
    check_typed,
    is_typed,
    normal_password,
)
from services.auth.passwords import Passwords
from services.auth.store.accounts import AccountStore
from services.auth.throttle import LoginThrottle


class Accounts:
    """Everything that has to do with a name and a password."""

    def __init__(self, store: AccountStore, passwords: Passwords, throttle: LoginThrottle) -> None:
        self._store = store
        self._passwords = passwords
        self._throttle = throttle

    async def needs_setup(self) -> bool:
        return not await self._store.has_owner()

    async def set_up(self, username: str, password: str) -> Account:
        """Create the owner. Raises AlreadySetUp once there is one, InvalidInput for a refused choice."""
        if await self._store.has_owner():
            raise AlreadySetUp  # before the costly hash, and whatever was typed
        name, password = check_chosen(username, password)
        account = await self._store.add_owner(name, await self._passwords.hash(password))
        if account is None:  # another set-up won while the password was hashed
            raise AlreadySetUp
        return account

    async def sign_in(self, username: str, password: str, *, address: str) -> Account:
        """Who has that name and password. Raises WrongCredentials, TooManyLogins, AccountDisabled.

        Takes as long for a name that doesn't exist as for a wrong password.
        """
        if not is_typed(username, password):
            raise WrongCredentials
        name, password = Username.of(username), normal_password(password)
        await self._throttle.count(name, address)
        account = await self._store.account_by_name(name)
        if not await self._passwords.verify(password, account.password_hash if account else None):
            await self._store.note_refused(account.id if account else "", network_of(address))
            raise WrongCredentials
        assert account is not None  # noqa: S101  verify is False without one
        await self._throttle.forget(name, address)
        if account.is_disabled:
            raise AccountDisabled
        if self._passwords.is_outdated(account.password_hash):
            renewed = await self._passwords.hash(password)
            if not await self._store.renew_password_hash(
                account.id, before=account.password_hash, after=renewed
            ):
                return await self.sign_in(username, password, address=address)  # judged by what holds now
            account = replace(account, password_hash=renewed)
        return account

    async def change_password(self, identity: Identity, wanted: NewPassword) -> None:
        """Ends every session but the asking one. Raises WrongPassword, TooManyLogins, InvalidInput."""
        if identity.key_id:
            raise KeyRefused
        account = await self.of(identity)
        if not is_typed(wanted.current_password):
            raise WrongPassword
        check_typed(account.username, wanted.new_password)
        chosen = normal_password(wanted.new_password)
        check_password(chosen, Username.of(account.username), field_="new_password")
        address = wanted.client_address
        await self._check_present(account, wanted.current_password, address, field="current_password")
        changed = await self._store.change_password(
            identity,
            before=account.password_hash,
            after=await self._passwords.hash(chosen),
            network=network_of(address),
        )
        if not changed:  # another change won while this one was hashed
            raise WrongPassword

    async def delete_own(self, identity: Identity, wanted: OwnDeletion) -> None:
        """With all that auth holds of it. Raises OwnerProtected, KeyRefused, WrongPassword, TooManyLogins."""
        if identity.key_id:
            raise KeyRefused
        account = await self.of(identity)
        if account.role == OWNER:
            raise OwnerProtected("The owner can't leave: this hub would be nobody's.")
        address = wanted.client_address
        await self._check_present(account, wanted.password, address, field="password")
        deleted = await self._store.delete_own(
            account.id, before=account.password_hash, network=network_of(address)
        )
        if not deleted:  # the password was changed meanwhile
            raise WrongPassword("password")

    async def _check_present(self, account: Account, typed: str, address: str, *, field: str) -> None:
        """Raises WrongPassword at `field`, TooManyLogins."""
        if not is_typed(typed):
            raise WrongPassword(field)
        name = Username.of(account.username)
        await self._throttle.count(name, address)
        if not await self._passwords.verify(normal_password(typed), account.password_hash):
            await self._store.note_refused(account.id, network_of(address))
            raise WrongPassword(field)
        await self._throttle.forget(name, address)

    async def of(self, identity: Identity) -> Account:
        """The account an identity speaks for. Raises Unauthenticated for nobody, or once it is gone."""
        account = await self._store.account_by_profile(identity.account_id, identity.profile_id)
        if account is None:
            raise Unauthenticated("This account doesn't exist any more. Sign in again.")
        return account

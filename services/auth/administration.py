"""Accounts of others: what an administrator may do with them. Nobody does anything here to the owner's."""

from __future__ import annotations

from libs.common.contracts.accounts import AccountList, AccountPatch, AccountView, NewAccount
from libs.common.db import UniqueViolation
from libs.common.errors import NotFound
from libs.common.identity import Identity
from services.auth.errors import KeyRefused, NameTaken, OwnAccount, OwnerProtected
from services.auth.model import Username, check_chosen, check_password, check_typed, normal_password
from services.auth.paging import cursor_of, cut, place_of
from services.auth.passwords import Passwords
from services.auth.store.administration import AdministrationStore


class Administration:
    """The routes have made sure that an administrator asks."""

    def __init__(self, store: AdministrationStore, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    async def page(self, *, limit: int, cursor: str | None) -> AccountList:
        after = place_of(cursor) if cursor else (0, "")
        items, last = cut(await self._store.accounts(limit=limit + 1, after=after), limit)
        return AccountList(items, cursor_of(last.created_at, last.id) if last else None)

    async def one(self, account_id: str) -> AccountView:
        found = await self._store.account(account_id)
        if found is None:
            raise NotFound("There is no such account.")
        return found

    async def create(self, by: Identity, wanted: NewAccount) -> AccountView:
        """Raises NameTaken, KeyRefused, and InvalidInput for a refused choice."""
        check_outlives(by, role=wanted.role)
        name, password = check_chosen(wanted.username, wanted.password)
        password_hash = await self._passwords.hash(password)
        try:
            account_id = await self._store.create(by, name, password_hash, role=wanted.role, tier=wanted.tier)
        except UniqueViolation:
            raise NameTaken from None
        return await self.one(account_id)

    async def change(self, by: Identity, account_id: str, patch: AccountPatch) -> AccountView:
        """Raises OwnerProtected, OwnAccount, KeyRefused, InvalidInput for a refused password."""
        check_outlives(by, role=patch.role, password=patch.password)
        present = await self.one(account_id)
        if present.role == "owner":
            raise OwnerProtected
        if account_id == by.account_id and (patch.password is not None or patch.disabled):
            raise OwnAccount(
                "Change your own password with the present one, and leave switching off to others."
            )
        password_hash = None
        if patch.password is not None:
            check_typed(present.username, patch.password)
            password = normal_password(patch.password)
            check_password(password, Username.of(present.username))
            password_hash = await self._passwords.hash(password)
        if not await self._store.change(by, account_id, patch, password_hash):
            raise NotFound("There is no such account.")
        return await self.one(account_id)

    async def delete(self, by: Identity, account_id: str) -> None:
        """Raises OwnerProtected, OwnAccount, NotFound."""
        if (await self.one(account_id)).role == "owner":
            raise OwnerProtected
        if account_id == by.account_id:
            raise OwnAccount("Another administrator has to delete your account.")
        if not await self._store.delete(by, account_id):
            raise NotFound("There is no such account.")


def check_outlives(by: Identity, *, role: str | None, password: str | None = None) -> None:
    """Raise KeyRefused for an API key that would leave a way in for when it has been revoked."""
    if by.key_id and (role == "admin" or password is not None):
        raise KeyRefused

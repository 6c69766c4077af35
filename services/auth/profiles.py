"""Profiles: who watches, within an account. Everything else a user has belongs to one of them."""

from __future__ import annotations

from libs.common.contracts.accounts import MAX_PROFILES, Profile, ProfileList
from libs.common.errors import NotFound
from libs.common.identity import Identity
from services.auth.errors import LastProfile, NoSession, TooMany
from services.auth.model import shown_name
from services.auth.store.profiles import ProfileStore


class Profiles:
    """Each call is about the asker's own account."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    async def page(self, identity: Identity) -> ProfileList:
        return ProfileList(tuple(await self._store.profiles(identity.account_id)))

    async def add(self, by: Identity, name: str) -> Profile:
        """Raises TooMany."""
        made = await self._store.add(by, shown_name(name))
        if made is None:
            raise TooMany("profiles", MAX_PROFILES)
        return made

    async def rename(self, by: Identity, profile_id: str, name: str) -> Profile:
        if not await self._store.rename(by, profile_id, shown_name(name)):
            raise _unknown()
        return await self._one(by, profile_id)

    async def delete(self, by: Identity, profile_id: str) -> None:
        """Raises LastProfile for the default one."""
        if (await self._one(by, profile_id)).is_default:
            raise LastProfile
        if not await self._store.delete(by, profile_id):
            raise _unknown()

    async def select(self, by: Identity, profile_id: str) -> Profile:
        """Raises NoSession for who has none."""
        profile = await self._one(by, profile_id)
        if not by.session_id or not await self._store.select(by, profile_id):
            raise NoSession
        return profile

    async def _one(self, identity: Identity, profile_id: str) -> Profile:
        found = await self._store.profile(identity.account_id, profile_id)
        if found is None:
            raise _unknown()
        return found


def _unknown() -> NotFound:
    return NotFound("There is no such profile.")

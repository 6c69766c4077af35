"""API keys: how programs prove whom they act for. Shown once, looked up by hash, good for what they say."""

from __future__ import annotations

import msgspec

from libs.common.contracts.accounts import API_KEY_PREFIX, MAX_API_KEYS, ApiKeyList, ApiKeyMade, NewApiKey
from libs.common.contracts.auth import Resolved
from libs.common.errors import Forbidden, NotFound
from libs.common.identity import Identity
from libs.common.secrets import hash_token, new_token
from services.auth.errors import KeyRefused, TooMany
from services.auth.model import shown_name
from services.auth.store.api_keys import ApiKeyStore

SHOWN_CHARS = len(API_KEY_PREFIX) + 4  # enough to tell a household's keys apart, no help in guessing the rest
DAY_MS = 86_400_000
TOUCH_MS = 60_000
ADMIN_ROLES = frozenset({"owner", "admin"})


class ApiKeys:
    """Each call but `resolve` is about the asker's own account and profile."""

    def __init__(self, store: ApiKeyStore) -> None:
        self._store = store

    async def page(self, identity: Identity) -> ApiKeyList:
        return ApiKeyList(tuple(await self._store.keys(identity)))

    async def create(self, by: Identity, wanted: NewApiKey) -> ApiKeyMade:
        """Raises KeyRefused, TooMany, Forbidden for a scope beyond the asker's role."""
        # A key that made others would outlive its own end and its own scopes.
        if by.key_id:
            raise KeyRefused
        if "admin" in wanted.scopes and ADMIN_ROLES.isdisjoint(by.roles):
            raise Forbidden("Only the owner or an administrator may make a key with the scope admin.")
        key = new_token(API_KEY_PREFIX)
        days = wanted.expires_in_days
        made = await self._store.add(
            by,
            name=shown_name(wanted.name),
            scopes=tuple(sorted(set(wanted.scopes))),
            prefix=key[:SHOWN_CHARS],
            key_hash=hash_token(key),
            expires_at=None if days is None else self._store.now_ms() + days * DAY_MS,
        )
        if made is None:
            raise TooMany("API keys", MAX_API_KEYS)
        return ApiKeyMade(**msgspec.structs.asdict(made), key=key)

    async def revoke(self, by: Identity, key_id: str) -> None:
        if not await self._store.revoke(by, key_id):
            raise NotFound("There is no such API key.")

    async def resolve(self, key: str) -> Resolved:
        used = await self._store.used(hash_token(key))
        if used is None:
            return Resolved(None)
        now = self._store.now_ms()
        if used.last_used_at is None or now - used.last_used_at >= TOUCH_MS:
            await self._store.touch(used.id)
        lives_s = None if used.expires_at is None else (used.expires_at - now) / 1000
        return Resolved(used.account.identity_by_key(used.id, used.scopes), lives_s)

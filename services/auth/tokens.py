"""Token pairs for programs: a signed access token for minutes, a refresh token that works once."""

from __future__ import annotations

import structlog

from libs.common.access_token import sign_access_token
from libs.common.clock import Clock
from libs.common.contracts.auth import Tokens
from libs.common.identity import Identity
from libs.common.secrets import hash_token, new_token
from services.auth.errors import RefreshRefused
from services.auth.model import Account, Asker
from services.auth.signing import SigningKeys
from services.auth.store.refresh import RefreshStore

PREFIX = "hgr_"

log = structlog.get_logger(__name__)


class TokenPairs:
    """A refresh token used twice was copied by somebody: its family ends, for the thief and for the owner."""

    def __init__(
        self, store: RefreshStore, keys: SigningKeys, *, clock: Clock, access_s: int, refresh_s: int
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._access_s = access_s
        self._refresh_ms = refresh_s * 1000

    async def begin(self, account: Account, asker: Asker) -> Tokens:
        refresh = new_token(PREFIX)
        family_id = await self._store.add_refresh_family(
            account, hash_token(refresh), expires_at=self._expiry(), asker=asker
        )
        return await self._pair(account, family_id, refresh)

    async def refresh(self, token: str) -> Tokens:
        """A new pair for a token that was not used before. Raises RefreshRefused."""
        refresh = new_token(PREFIX)
        rotation = await self._store.rotate_refresh_token(
            hash_token(token), hash_token(refresh), expires_at=self._expiry()
        )
        if rotation.reused_by:
            log.warning("refresh_reused", account_id=rotation.reused_by)
        if rotation.account is None:
            raise RefreshRefused(rotation.reused_by)
        return await self._pair(rotation.account, rotation.family_id, refresh)

    async def resolve(self, family_id: str) -> Identity | None:
        """Whom the family speaks for now; what an access token says may be minutes old."""
        account = await self._store.account_of_family(family_id)
        return account.identity_by_session(family_id) if account else None

    async def end(self, token: str) -> str:
        """End the family; whose it was, empty for an unknown token."""
        return await self._store.end_refresh_family(hash_token(token))

    async def _pair(self, account: Account, family_id: str, refresh: str) -> Tokens:
        key = await self._keys.current()
        access = sign_access_token(
            account.identity_by_session(family_id),
            key=key.private,
            kid=key.kid,
            now=self._clock.now(),
            ttl_s=self._access_s,
            token_id=new_token(bytes_=12),
        )
        return Tokens(access_token=access, refresh_token=refresh, expires_in=self._access_s)

    def _expiry(self) -> int:
        return self._store.now_ms() + self._refresh_ms

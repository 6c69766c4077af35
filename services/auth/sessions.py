"""Page sessions: an opaque token in a cookie, stored as a hash, that lives on while it is used."""

from __future__ import annotations

from libs.common.contracts.accounts import SessionList
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.secrets import hash_token, new_token
from services.auth.model import Account, Asker
from services.auth.store.sessions import SessionStore

PREFIX = "hgs_"
TOUCH_MS = 60 * 60 * 1000  # an expiry that is an hour early is no loss, a write per page would be


class Sessions:
    """`lifetime_s` counts from the last use."""

    def __init__(self, store: SessionStore, *, lifetime_s: int) -> None:
        self._store = store
        self._lifetime_ms = lifetime_s * 1000

    async def begin(self, account: Account, asker: Asker) -> str:
        token = new_token(PREFIX)
        await self._store.add_session(account, hash_token(token), expires_at=self._expiry(), asker=asker)
        return token

    async def resolve(self, token: str) -> Identity | None:
        """Whose session it is, or None when it is unknown or expired."""
        token_hash = hash_token(token)
        session = await self._store.session(token_hash)
        if session is None:
            return None
        if self._store.now_ms() - session.seen_at >= TOUCH_MS:
            await self._store.touch_session(token_hash, expires_at=self._expiry())
        return session.account.identity_by_session(session.id)

    async def end(self, token: str) -> str:
        """Whose it was. An unknown token is no error: the wanted state is there."""
        return await self._store.end_session(hash_token(token))

    async def page(self, identity: Identity) -> SessionList:
        """What the account is signed in with, in browsers and programs."""
        return SessionList(tuple(await self._store.list_sessions(identity)))

    async def end_one(self, by: Identity, session_id: str) -> None:
        """One of the account's own, by its id."""
        if not await self._store.end_one(by, session_id):
            raise NotFound("There is no such session.")

    async def end_others(self, by: Identity) -> None:
        """All of the account's but the asking one."""
        await self._store.end_others(by)

    def _expiry(self) -> int:
        return self._store.now_ms() + self._lifetime_ms

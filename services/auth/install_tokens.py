"""Install tokens: the secret part of a profile's addon address.

Looked up by hash; a sealed copy lets the page show the address again. A token says nothing by itself.
"""

from __future__ import annotations

from libs.common.clock import moment_of
from libs.common.contracts.auth import InstallToken
from libs.common.identity import Identity
from libs.common.secrets import SecretBox, SecretsError, hash_token, new_token
from services.auth.store.keys import InstallStore, StoredInstallToken


class InstallTokens:
    """One works per profile."""

    def __init__(self, store: InstallStore, box: SecretBox) -> None:
        self._store = store
        self._box = box

    async def show(self, identity: Identity) -> InstallToken:
        """The token that works, made on the first call."""
        stored = await self._store.install_token(identity)
        if stored is None:
            await self._put(identity, replace=False)
            stored = await self._store.install_token(identity)
        return self._opened(stored)

    async def rotate(self, identity: Identity) -> InstallToken:
        """A new token; players that have the old one must be given the new one."""
        await self._put(identity, replace=True)
        return self._opened(await self._store.install_token(identity))

    async def resolve(self, token: str) -> Identity | None:
        """Whose token it is, or None when it is unknown or was replaced."""
        account = await self._store.account_of_install_token(hash_token(token))
        return account.identity if account else None

    async def _put(self, identity: Identity, *, replace: bool) -> None:
        token, token_id = new_token(), self._store.new_id()
        # When two calls meet, the database keeps one token and both show that one.
        await self._store.put_install_token(
            by=identity,
            token_id=token_id,
            token_hash=hash_token(token),
            sealed=self._box.seal(token.encode(), context=_context(token_id)),
            replace=replace,
        )

    def _opened(self, stored: StoredInstallToken | None) -> InstallToken:
        if stored is None:
            raise SecretsError("The install address was replaced at this moment. Try again.")
        token = self._box.open(stored.sealed, context=_context(stored.id)).decode()
        return InstallToken(stored.id, token, moment_of(stored.created_at))


def _context(token_id: str) -> str:
    return f"install_tokens:sealed_token:{token_id}"

"""The keys that sign access tokens: sealed in the database, replaced with time, published as a JWKS."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.common.contracts.auth import Jwk, Jwks
from libs.common.secrets import SecretBox, new_token
from services.auth.store.keys import KeyStore, StoredSigningKey

DAY_MS = 86_400_000
KEY_LIFE_MS = 90 * DAY_MS
KEPT_MS = KEY_LIFE_MS + DAY_MS  # a replaced key stays published for longer than its last token lives
REREAD_MS = 60_000  # another replica may have made a newer key, or the operator deleted one


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: Ed25519PrivateKey = field(repr=False)


class SigningKeys:
    """Signs with the newest key."""

    def __init__(self, store: KeyStore, box: SecretBox) -> None:
        self._store = store
        self._box = box
        self._newest: SigningKey | None = None
        self._read_at = 0

    async def current(self) -> SigningKey:
        now = self._store.now_ms()
        if self._newest is None or now - self._read_at >= REREAD_MS:
            self._newest = self._young(await self._store.signing_keys(), now) or await self._make()
            self._read_at = now
        return self._newest

    async def jwks(self) -> Jwks:
        """Every key that a token still in use may be signed with."""
        await self.current()
        kept = self._store.now_ms() - KEPT_MS
        keys = [key for key in await self._store.signing_keys() if key.created_at >= kept]
        return Jwks(tuple(Jwk(kid=key.kid, x=_base64url(key.public)) for key in keys))

    def _young(self, stored: list[StoredSigningKey], now: int) -> SigningKey | None:
        """The newest key, if it isn't due to be replaced."""
        if not stored or now - stored[0].created_at >= KEY_LIFE_MS:
            return None
        key = stored[0]
        raw = self._box.open(key.sealed_private, context=_context(key.kid))
        return SigningKey(key.kid, Ed25519PrivateKey.from_private_bytes(raw))

    async def _make(self) -> SigningKey:
        kid, private = new_token(bytes_=9), Ed25519PrivateKey.generate()
        raw = private.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        await self._store.add_signing_key(kid, public, self._box.seal(raw, context=_context(kid)))
        return SigningKey(kid, private)


def _context(kid: str) -> str:
    return f"signing_keys:sealed_private_key:{kid}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

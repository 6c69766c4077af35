"""Access tokens checked without asking auth each time: its public keys are fetched once and kept."""

import asyncio
import base64
import binascii

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from libs.common.access_token import Claims, key_id_of, signed_claims, signed_identity
from libs.common.clock import Clock
from libs.common.contracts.auth import AuthClient, Jwk
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unauthenticated, Unavailable
from libs.common.identity import Identity
from libs.common.secrets import hash_token

log = structlog.get_logger(__name__)

KEPT_S = 600.0
"""After this the keys are asked for again, so that a withdrawn one stops counting."""
ASKING_S = 5.0
AGAIN_S = 2.0
"""Tokens naming keys nobody has heard of must not become a stream of questions to auth."""
MAX_SEEN = 4096
"""Tokens whose signature is not checked again; of a longer list, the first seen goes first."""


class JwksVerifier:
    """Fail-closed, but keys already known outlast an auth that is away."""

    def __init__(self, auth: AuthClient, *, clock: Clock) -> None:
        self._auth = auth
        self._clock = clock
        self._keys: dict[str, Ed25519PublicKey] = {}
        # By hash, so that looking one up tells nothing about near misses. Good ones only.
        self._seen: dict[bytes, Claims] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def verify(self, token: str, *, deadline: Deadline) -> Identity:
        """Raises Unauthenticated for a bad token, Unavailable when no key was ever fetched."""
        hashed = hash_token(token)
        seen = self._seen.get(hashed)
        if seen is not None and not self._is_old:
            return signed_identity(seen, now=self._clock.time())
        kid = key_id_of(token)
        if self._is_due(kid):
            # Whoever comes meanwhile waits for this answer instead of asking too.
            async with self._asking:
                if self._is_due(kid):
                    await self._fetch(deadline.sooner(ASKING_S))
        if not self._keys:
            raise Unavailable("Access tokens can't be checked at the moment.", retry_after_s=AGAIN_S)
        return self._checked(token, hashed)

    def is_good(self, token: str) -> bool | None:
        """By the keys in memory, old or not; None where the one that the token names is not among them."""
        hashed = hash_token(token)
        seen = self._seen.get(hashed)
        try:
            if seen is not None:
                signed_identity(seen, now=self._clock.time())
            elif key_id_of(token) not in self._keys:
                return None
            else:
                self._checked(token, hashed)
        except Unauthenticated:
            return False
        return True

    def _checked(self, token: str, hashed: bytes) -> Identity:
        claims = signed_claims(token, self._keys)
        identity = signed_identity(claims, now=self._clock.time())
        if len(self._seen) >= MAX_SEEN:
            del self._seen[next(iter(self._seen))]
        self._seen[hashed] = claims
        return identity

    @property
    def _age_s(self) -> float:
        return self._clock.monotonic() - self._asked_at

    @property
    def _is_old(self) -> bool:
        return self._age_s > KEPT_S

    def _is_due(self, kid: str) -> bool:
        return self._is_old or (kid not in self._keys and self._age_s > AGAIN_S)

    async def _fetch(self, deadline: Deadline) -> None:
        try:
            jwks = await self._auth.jwks(deadline=deadline)
        except HeadgateError as error:
            log.warning("jwks_not_refreshed", code=error.code)
        else:
            keys = {key.kid: _public_key(key) for key in jwks.keys}
            if keys != self._keys:
                self._seen.clear()
            self._keys = keys
        finally:
            self._asked_at = self._clock.monotonic()


def _public_key(key: Jwk) -> Ed25519PublicKey:
    """Raises ValueError when auth sends what is no key, which is a bug of ours and no caller's fault."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key.x + "=" * (-len(key.x) % 4)))
    except binascii.Error as error:
        raise ValueError("the key is not base64url") from error

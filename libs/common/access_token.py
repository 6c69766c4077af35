"""The access token: an EdDSA-signed JWT that says who is asking. Auth signs it, the gateway checks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from libs.common.clock import CLOCK_SKEW_S
from libs.common.errors import Unauthenticated
from libs.common.identity import Identity

ALGORITHM = "EdDSA"
ISSUER = "headgate"
AUDIENCE = "headgate"
REFUSED = "The access token is not valid. Sign in again or refresh it."


class Claims(msgspec.Struct, frozen=True):
    """The token's body: `sub` is the account, `pid` the profile, `sid` the refresh tokens' family."""

    sub: str
    pid: str
    sid: str
    tier: str
    roles: tuple[str, ...]
    iat: int
    exp: int
    jti: str
    iss: str = ISSUER
    aud: str = AUDIENCE


def sign_access_token(
    identity: Identity, *, key: Ed25519PrivateKey, kid: str, now: datetime, ttl_s: int, token_id: str
) -> str:
    issued_at = int(now.timestamp())
    claims = Claims(
        sub=identity.account_id,
        pid=identity.profile_id,
        sid=identity.session_id,
        tier=identity.tier,
        roles=identity.roles,
        iat=issued_at,
        exp=issued_at + ttl_s,
        jti=token_id,
    )
    return jwt.encode(msgspec.to_builtins(claims), key, algorithm=ALGORITHM, headers={"kid": kid})


def key_id_of(token: str) -> str:
    """The key a token names, unproven. Raises Unauthenticated for what is no token at all."""
    if not token.isascii():  # the library would fail on a header's odd bytes instead of refusing them
        raise Unauthenticated(REFUSED)
    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.InvalidTokenError as error:
        raise Unauthenticated(REFUSED) from error


def signed_claims(token: str, keys: Mapping[str, Ed25519PublicKey]) -> Claims:
    """What one of the keys has signed, whenever that was. Raises Unauthenticated."""
    key = keys.get(key_id_of(token))
    if key is None:
        raise Unauthenticated(REFUSED)
    try:
        return msgspec.convert(_body(token, key), Claims)
    except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
        raise Unauthenticated(REFUSED) from error


def signed_identity(claims: Claims, *, now: float) -> Identity:
    """Whom claims speak for while they hold. Raises Unauthenticated."""
    if claims.iss != ISSUER or not claims.iat - CLOCK_SKEW_S <= now < claims.exp + CLOCK_SKEW_S:
        raise Unauthenticated(REFUSED)
    return Identity(claims.sub, claims.pid, claims.tier, claims.roles, session_id=claims.sid)


def _body(token: str, key: Ed25519PublicKey) -> dict[str, Any]:
    """Only the signature is checked here: times are compared with the injected clock, not the machine's."""
    return jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )

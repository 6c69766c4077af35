"""An access token is believed only if this installation signed it, for itself, and not too long ago."""

from __future__ import annotations

from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.common.access_token import AUDIENCE, ISSUER, sign_access_token, signed_claims, signed_identity
from libs.common.errors import Unauthenticated
from libs.common.identity import Identity

NOW = 1_800_000_000
KEY = Ed25519PrivateKey.generate()
KEYS = {"one": KEY.public_key()}
ADA = Identity("ada", "main", "premium", ("owner",), session_id="family")
BODY = {
    "sub": "ada",
    "pid": "main",
    "sid": "family",
    "tier": "premium",
    "roles": ["owner"],
    "iat": NOW,
    "exp": NOW + 900,
    "jti": "1",
    "iss": ISSUER,
    "aud": AUDIENCE,
}


def token(kid: str = "one", key: Ed25519PrivateKey = KEY) -> str:
    now = datetime.fromtimestamp(NOW, UTC)
    return sign_access_token(ADA, key=key, kid=kid, now=now, ttl_s=900, token_id="1")


def forged(body: dict[str, object], *, algorithm: str = "EdDSA", kid: object = "one") -> str:
    public = KEY.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    key = {"EdDSA": KEY, "HS256": public, "none": None}[algorithm]
    return jwt.encode(body, key, algorithm=algorithm, headers={"kid": kid})  # type: ignore[arg-type]


def read(text: str, now: float) -> Identity:
    return signed_identity(signed_claims(text, KEYS), now=now)


def test_what_was_signed_is_what_is_read() -> None:
    assert read(token(), NOW + 1) == ADA
    assert read(forged(BODY), NOW + 1) == ADA


@pytest.mark.parametrize("now", [NOW - 61, NOW + 961])
def test_too_early_and_too_late_are_refused(now: int) -> None:
    with pytest.raises(Unauthenticated):
        read(token(), now)


@pytest.mark.parametrize("now", [NOW - 60, NOW + 959])
def test_clocks_may_differ_by_a_minute(now: int) -> None:
    assert read(token(), now) == ADA


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "a.b.c",
        "☃.☃.☃",
        "\udcff\udcfe",  # how bytes of a header arrive that are no text
        "." * 1000,
        token(kid="two"),
        token(key=Ed25519PrivateKey.generate()),
        token()[:-2],
        forged(BODY, algorithm="HS256"),
        forged(BODY, algorithm="none"),
        forged({**BODY, "aud": "elsewhere"}),
        forged({name: value for name, value in BODY.items() if name != "aud"}),
        forged({**BODY, "iss": "elsewhere"}),
        forged({**BODY, "roles": "owner"}),
        forged({name: value for name, value in BODY.items() if name != "exp"}),
        forged({name: value for name, value in BODY.items() if name != "sid"}),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        read(text, NOW + 1)

"""What auth said of something that proves an identity, as it is remembered by who asked."""

from __future__ import annotations

import base64
from typing import Final

from libs.common.cache import Lives
from libs.common.contracts.auth import Resolved
from libs.common.identity import ProofKind
from libs.common.secrets import hash_token

AWAY_S: Final = 3600.0
"""How long past the time that it is known for an identity still counts while auth can't be asked."""


def key_of(kind: ProofKind, token: str) -> str:
    """By the token's hash, so equal ones are found without comparing secrets."""
    return f"{kind}:{base64.b64encode(hash_token(token)).decode()}"


def lives_of(resolved: Resolved, *, known_s: float) -> Lives:
    """No longer than the proof itself, also while auth is away."""
    left_s = max(0.0, resolved.lives_s) if resolved.lives_s is not None else known_s + AWAY_S
    fresh_s = min(known_s, left_s)
    return Lives(fresh_s, error_s=min(AWAY_S, left_s - fresh_s))

"""A key, what it belongs to, and the answer that is kept under it."""

import hashlib
import re
from dataclasses import dataclass

import msgspec

from libs.common.identity import Identity
from services.gateway.errors import IdempotencyKeyInvalid

MAX_KEPT_BYTES = 256 * 1024
KEEP_S = 24 * 3600
LEASE_S = 3.0
"""How long a claim outlives the process that made it; a living one renews it."""

_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_NOT_FINAL = frozenset({401, 408, 425, 429})
"""These answer a moment, not the change that was asked for."""


class KeptAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The first answer, as far as it is repeated."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One change that somebody asked for: `id` says who asks for what under which key, `fingerprint` what was
    sent along."""

    account_id: str
    id: str
    fingerprint: str

    @classmethod
    def of(cls, identity: Identity, *, method: str, raw_path: str, key: str, sent: bytes) -> "Change":
        """Raises IdempotencyKeyInvalid."""
        if not _KEY.fullmatch(key):
            raise IdempotencyKeyInvalid("Idempotency-Key takes 1 to 255 printable ASCII characters.")
        # Who may do less than before is not shown what he was answered when he might do more.
        who = (identity.account_id, identity.profile_id, identity.roles, identity.scopes)
        id_ = hashlib.sha256(msgspec.json.encode((who, method, raw_path, key))).hexdigest()
        return cls(identity.account_id, id_, hashlib.sha256(sent).hexdigest())


def is_final(status: int) -> bool:
    """Whether the answer is worth repeating: a failure of ours is not, the next attempt may succeed."""
    return status < 500 and status not in _NOT_FINAL

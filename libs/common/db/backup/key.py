"""The key of the hub a backup comes to: whether it opens what the backup holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from libs.common.db.checks import opens
from libs.common.errors import StartupRefused
from libs.common.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class Key:
    """`brought` is the key file of the backup, where the hub is to use that one."""

    box: SecretBox
    file: Path
    brought: bytes | None = field(default=None, repr=False)


def check_proof(proof: bytes | None, key: Key) -> None:
    """A database without a proof was never started with any key."""
    if proof is not None and not opens(proof, key.box):
        raise StartupRefused(
            "The backup was sealed with another key: set HEADGATE_SECRET_KEY to that of the hub it came from."
        )

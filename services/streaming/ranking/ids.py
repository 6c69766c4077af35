"""Names of sources that say nothing about them: what a source plays may hold somebody's keys."""

from __future__ import annotations

import hashlib


def source_id(identity: tuple[str, ...]) -> str:
    """The same for whatever plays the same thing, as its addon says it."""
    return hashlib.blake2b("\n".join(identity).encode(), digest_size=12).hexdigest()

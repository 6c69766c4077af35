"""Keys of TMDB as they are sealed for storage and opened for use."""

from __future__ import annotations

import structlog

from libs.common.secrets import SecretBox, SecretsError
from libs.protocols.tmdb.errors import InvalidKey
from libs.protocols.tmdb.key import TmdbKey
from services.catalog.metadata.model import HeldKey
from services.catalog.store.tmdb_choices import StoredKey

log = structlog.get_logger(__name__)


def sealed(box: SecretBox, account_id: str, key: TmdbKey) -> bytes:
    return box.seal(key.reveal().encode(), context=key_context(account_id))


def held(box: SecretBox, account_id: str, stored: StoredKey) -> HeldKey:
    """One that can't be opened is there and not used: its owner is told so."""
    key = None
    try:
        key = TmdbKey(box.open(stored.sealed, context=key_context(account_id)).decode())
    except (SecretsError, InvalidKey):
        log.warning("tmdb_key_unreadable", account_id=account_id)
    return HeldKey(
        account_id=account_id,
        key=key,
        saved_at=stored.saved_at,
        checked_at=stored.checked_at,
        refused_at=stored.refused_at,
    )


def key_context(account_id: str) -> str:
    return f"tmdb_keys:sealed_key:{account_id}"

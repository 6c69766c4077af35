"""What somebody takes along of the catalog: sources, rows, settings, accounts at providers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from libs.common.moving import Sealed, told_lines
from libs.common.secrets import SecretBox
from services.catalog.addons import address_context
from services.catalog.library.sealing import sealed_context
from services.catalog.metadata.keys import key_context
from services.catalog.store.moving import MovingStore

SEALED: Final = {
    "addons": Sealed("sealed_url", lambda row: address_context(str(row["id"]))),
    "library_providers": Sealed("sealed", lambda row: sealed_context(str(row["id"]))),
    "tmdb_keys": Sealed("sealed_key", lambda row: key_context(str(row["account_id"]))),
}


class Moving:
    def __init__(self, store: MovingStore, box: SecretBox) -> None:
        self._store = store
        self._box = box

    def lines(self, account_id: str, *, secrets: bool) -> AsyncGenerator[bytes]:
        return told_lines(self._store.rows(account_id), SEALED, self._box, secrets=secrets)

"""What somebody takes along of the catalog: sources, rows, settings, accounts at providers."""

from __future__ import annotations

from typing import Final

from libs.common.moving import Sealed
from services.catalog.addons import address_context
from services.catalog.library.sealing import sealed_context
from services.catalog.metadata.keys import key_context

SEALED: Final = {
    "addons": Sealed("sealed_url", lambda row: address_context(str(row["id"]))),
    "library_providers": Sealed("sealed", lambda row: sealed_context(str(row["id"]))),
    "tmdb_keys": Sealed("sealed_key", lambda row: key_context(str(row["account_id"]))),
}

"""What somebody takes along of viewing: titles, videos, links, how sources are chosen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from libs.common.moving import Sealed, told_lines
from libs.common.secrets import SecretBox
from services.streaming.providers.links import link_context
from services.streaming.store.moving import MovingStore

SEALED: Final = {
    "links": Sealed(
        "sealed_url",
        lambda row: link_context(str(row["account_id"]), str(row["profile_id"]), str(row["id"])),
    )
}


class Moving:
    def __init__(self, store: MovingStore, box: SecretBox) -> None:
        self._store = store
        self._box = box

    def lines(self, account_id: str, *, secrets: bool) -> AsyncGenerator[bytes]:
        return told_lines(self._store.rows(account_id), SEALED, self._box, secrets=secrets)

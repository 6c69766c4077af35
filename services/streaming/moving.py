"""What somebody takes along of viewing: titles, videos, links, how sources are chosen."""

from __future__ import annotations

from typing import Final

from libs.common.moving import Sealed
from services.streaming.providers.links import link_context

SEALED: Final = {
    "links": Sealed(
        "sealed_url",
        lambda row: link_context(str(row["account_id"]), str(row["profile_id"]), str(row["id"])),
    )
}

"""Wire shapes of blocks and allowed networks."""

from datetime import datetime
from typing import Annotated

import msgspec

from services.gateway.abuse.model import Allowed, Block, Scope

NetworkText = Annotated[
    str, msgspec.Meta(min_length=2, max_length=64, examples=["203.0.113.7"], description="Or a network.")
]
Reason = Annotated[str, msgspec.Meta(max_length=200, examples=["Tries names all night"])]
Lifetime = Annotated[int, msgspec.Meta(ge=1, le=31_536_000, examples=[3600])]


class NewBlock(msgspec.Struct, frozen=True, kw_only=True):
    address: NetworkText
    reason: Reason = ""
    expires_in_s: Lifetime


class NewAllowed(msgspec.Struct, frozen=True, kw_only=True):
    network: NetworkText
    reason: Reason = ""


class BlockShown(msgspec.Struct, frozen=True, kw_only=True):
    """`scenario` is `manual` for a block that somebody made, whose account is then `made_by`."""

    id: str
    network: str
    scope: Scope
    scenario: str
    score: float
    reason: str
    made_by: str
    created_at: datetime
    expires_at: datetime


class BlocksShown(msgspec.Struct, frozen=True):
    items: tuple[BlockShown, ...]


class AllowedShown(msgspec.Struct, frozen=True, kw_only=True):
    """`fixed` networks come from the hub's settings and can't be removed here."""

    id: str
    network: str
    reason: str
    made_by: str
    fixed: bool
    created_at: datetime | None


class AllowedList(msgspec.Struct, frozen=True):
    items: tuple[AllowedShown, ...]


def block_shown(block: Block) -> BlockShown:
    return BlockShown(
        id=block.id,
        network=block.network,
        scope=block.scope,
        scenario=block.scenario,
        score=block.score,
        reason=block.reason,
        made_by=block.made_by,
        created_at=block.created_at,
        expires_at=block.expires_at,
    )


def allowed_shown(allowed: Allowed) -> AllowedShown:
    return AllowedShown(
        id=allowed.id,
        network=allowed.network,
        reason=allowed.reason,
        made_by=allowed.made_by,
        fixed=allowed.fixed,
        created_at=allowed.created_at,
    )

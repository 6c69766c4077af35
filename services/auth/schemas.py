"""Wire shapes made from the model, and queries; the other shapes are in `libs.common.contracts`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from libs.common.contracts.accounts import MAX_PAGE
from libs.common.contracts.auth import Account as AccountShape
from services.auth.model import Account
from services.auth.paging import MAX_CURSOR_CHARS

Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str, msgspec.Meta(max_length=MAX_CURSOR_CHARS)]


def account_shape(account: Account) -> AccountShape:
    return AccountShape(
        id=account.id,
        username=account.username,
        tier=account.tier,
        roles=account.roles,
        profile_id=account.profile_id,
        profile_name=account.profile_name,
    )


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: Cursor | None = None


class AuditQuery(PageQuery, frozen=True, kw_only=True):
    all: bool = False


class RemovalsQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 100

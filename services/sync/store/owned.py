"""Whose rows: the condition of every statement about what one profile has, and what is bound to it."""

from __future__ import annotations

from typing import Final

from libs.common.contracts.removals import Removal
from services.sync.model import Owner

OWNED: Final = "account_id = :account_id AND profile_id = :profile_id"


def bound(owner: Owner) -> dict[str, str]:
    return {"account_id": owner.account_id, "profile_id": owner.profile_id}


def gone_with(removal: Removal) -> tuple[str, dict[str, str]]:
    """The condition for what goes with an account, or with one profile of it, and what is bound to that."""
    if removal.profile_id is None:
        return "account_id = :account_id", {"account_id": removal.account_id}
    return OWNED, bound(Owner(removal.account_id, removal.profile_id))

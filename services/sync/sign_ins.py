"""How often an account may begin to sign in elsewhere: guessed passwords would get the hub banned there."""

from __future__ import annotations

from typing import Final, Literal

from libs.common.clock import Clock, epoch_ms
from libs.common.errors import RateLimited
from services.sync.store.budgets import BudgetStore

EVERY_S: Final = 60.0
AT_ONCE: Final = 10
"""Tries that a mistyped password takes, over all profiles of an account."""


class SignInLimit:
    """Counted for all replicas, whatever becomes of a try."""

    def __init__(self, store: BudgetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, account_id: str, where: Literal["trakt", "stremio"]) -> None:
        """Raises RateLimited."""
        turn = await self._store.take(
            f"account:{account_id}",
            f"sign_in:{where}",
            now_ms=epoch_ms(self._clock),
            interval_ms=int(EVERY_S * 1000),
            tolerance_ms=int(EVERY_S * 1000) * AT_ONCE,
        )
        if turn.wait_ms:
            raise RateLimited(
                "This was tried very often. Try again in a while.", retry_after_s=turn.wait_ms / 1000
            )

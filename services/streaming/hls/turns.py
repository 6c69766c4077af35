"""Who works when there is not room for all: no account takes all of it, and who has most gives way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from libs.common.at_once import AtOnce
from services.streaming.hls.errors import TooMuchAsked

LONGEST_LINE: Final = 20
"""Of an account, with those whose turn it is: several televisions, each with a few pieces ahead."""


class Turns:
    """`at_once` of all, `of_account` of one; others wait, in the order in which they came."""

    def __init__(self, at_once: int, *, of_account: int) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._of_account = of_account
        self._line = AtOnce(LONGEST_LINE, _too_much)
        self._accounts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, account_id: str) -> AsyncIterator[None]:
        """Raises TooMuchAsked where the account's line is too long."""
        own = self._accounts.setdefault(account_id, asyncio.Semaphore(self._of_account))
        with self._line.one_more(account_id):
            async with own, self._all:
                yield


def _too_much() -> TooMuchAsked:
    return TooMuchAsked(
        "This account has the hub look into too much at once. Try again in a moment.", retry_after_s=5
    )

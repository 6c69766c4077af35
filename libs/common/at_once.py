"""How much goes on at a time for each account, in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from libs.common.errors import HeadgateError


class AtOnce:
    """At most `most` of an account; one more raises what `refusal` makes."""

    def __init__(self, most: int, refusal: Callable[[], HeadgateError]) -> None:
        self._most = most
        self._refusal = refusal
        self._of: Counter[str] = Counter()

    @contextmanager
    def one_more(self, account_id: str) -> Iterator[None]:
        if self._of[account_id] >= self._most:
            raise self._refusal()
        self._of[account_id] += 1
        try:
            yield
        finally:
            self._of[account_id] -= 1
            if not self._of[account_id]:
                del self._of[account_id]

"""Whole libraries that are sent at once: each takes a processor for a while, and megabytes for as long as a
player reads slowly."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from services.gateway.errors import TooManyLists

MOST: Final = 24
"""Of an account. Apps fetch three lists and a guide side by side, and a household has a few televisions."""
TOLD_TO_WAIT_S: Final = 10.0


class AtOnce:
    """Of this gateway."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def one_more(self, account_id: str) -> Iterator[None]:
        """Raises TooManyLists."""
        if self._of[account_id] >= MOST:
            raise TooManyLists(
                f"This account is sent {MOST} lists at once already.", retry_after_s=TOLD_TO_WAIT_S
            )
        self._of[account_id] += 1
        try:
            yield
        finally:
            self._of[account_id] -= 1
            if not self._of[account_id]:
                del self._of[account_id]

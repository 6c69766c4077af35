"""How much is played at once: each stream holds buffers, up to two megabytes when its player reads slowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from libs.common.at_once import AtOnce
from services.streaming.errors import StreamsFull, TooManyStreams

MOST: Final = 500
"""Of one process, which has other things to do long before it passes on so many."""
MOST_OF_ACCOUNT: Final = 50
"""A household with all its televisions has fewer; many providers count nothing, and lists name none."""
TOLD_TO_WAIT_S: Final = 10.0


class Crowd:
    """Of this process."""

    def __init__(self) -> None:
        self._accounts = AtOnce(MOST_OF_ACCOUNT, _too_many)
        self._all = 0

    @contextmanager
    def joined(self, account_id: str) -> Iterator[None]:
        """Raises TooManyStreams or StreamsFull."""
        with self._accounts.one_more(account_id):
            if self._all >= MOST:
                raise StreamsFull("This hub plays as much as it can.", retry_after_s=TOLD_TO_WAIT_S)
            self._all += 1
            try:
                yield
            finally:
                self._all -= 1


def _too_many() -> TooManyStreams:
    return TooManyStreams(
        f"This account plays {MOST_OF_ACCOUNT} things at once. Stop another player first.",
        retry_after_s=TOLD_TO_WAIT_S,
    )

"""What catalog knows of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

from libs.common.clock import Clock
from libs.common.contracts.names import MAX_NAME_CHARS, MOST_NAMES, NameAsked, NamesAsked, NamesClient
from libs.common.deadline import Deadline

WITHIN_S: Final = 20.0


class Called(Protocol):
    """A name as a file has it."""

    @property
    def type(self) -> Literal["movie", "series"]: ...

    @property
    def title(self) -> str: ...

    @property
    def year(self) -> int | None: ...


class KnownNames:
    """Asks for any number of them, some at a time."""

    def __init__(self, client: NamesClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def __call__(self, names: Sequence[Called]) -> list[str | None]:
        """Raises HeadgateError."""
        known: list[str | None] = []
        for start in range(0, len(names), MOST_NAMES):
            batch = names[start : start + MOST_NAMES]
            asked = tuple(NameAsked(one.type, one.title[:MAX_NAME_CHARS], one.year) for one in batch)
            found = await self._client.known(
                NamesAsked(asked), deadline=Deadline.after(self._clock, WITHIN_S)
            )
            known += found.items
        return known

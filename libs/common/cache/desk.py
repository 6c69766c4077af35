"""A cache as its administrators have it: what is asked for most, and letting go of it everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from libs.common.cache.memory import MemoryTier, size_of
from libs.common.cache.shown import handle_of, shown_key
from libs.common.cache.tags import Marks
from libs.common.clock import Clock
from libs.common.states import KeyState

if TYPE_CHECKING:
    from libs.common.cache.far import Far


class Desk:
    """Beside the cache, not on anybody's way. `secret`: its keys are proofs of who somebody is.

    Every removal counts in all replicas, and gives how many entries this process held. Without Redis each
    process has to be told by itself.
    """

    def __init__(
        self,
        name: str,
        *,
        memory: MemoryTier,
        marks: Marks,
        far: Far | None,
        part: Callable[[str], object],
        clock: Clock,
        secret: bool,
    ) -> None:
        self.name = name
        self._memory = memory
        self._marks = marks
        self._far = far
        self._part = part
        self._clock = clock
        self._secret = secret

    def most_asked(self, limit: int) -> tuple[KeyState, ...]:
        """The keys in memory that were asked for most, none of them a proof."""
        if self._secret:
            return ()
        now = self._clock.time()
        return tuple(
            KeyState(
                id=handle_of(key),
                key=shown_key(key),
                hits=hits,
                bytes=size_of(key, entry),
                age_s=round(max(0.0, now - entry.stored_at), 1),
                fresh_for_s=round(max(0.0, entry.fresh_until - now), 1),
                tags=tuple(map(shown_key, entry.tags)),
            )
            for key, hits, entry in self._memory.most_asked(limit)
        )

    async def remove(self, wanted: str) -> int:
        """What stands under a key, told by itself or by its `id`."""
        found = self._memory.matching(lambda key, _: wanted in (key, handle_of(key)))
        for key in found or [wanted]:
            self._part(key)
            self._memory.drop(key)
            if self._far is not None:
                await self._far.remove(key)
        return len(found)

    async def remove_tag(self, wanted: str) -> int:
        """What has a tag, told by itself or as it is shown."""
        tags = {wanted}
        found = self._memory.matching(lambda _, entry: wanted in entry.tags)
        if not found:
            found = self._memory.matching(lambda _, entry: wanted in map(shown_key, entry.tags))
            held = (self._memory.rescue(key) for key in found)
            tags.update(
                tag for entry in held if entry is not None for tag in entry.tags if shown_key(tag) == wanted
            )
        for tag in tags:
            self._marks.invalidate(tag, self._marks.next())
        if self._far is not None:
            await self._far.invalidate(tuple(tags))
        for key in found:
            self._memory.drop(key)
        return len(found)

    async def clear(self) -> int:
        """Everything. What is on its way meanwhile is kept when it comes."""
        held = len(self._memory)
        self._memory.clear()
        self._marks.forget()
        if self._far is not None:
            await self._far.clear()
        return held

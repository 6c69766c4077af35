"""The order of events that makes invalidation exact: stamps for loads, marks for tags."""

from __future__ import annotations

from collections.abc import Iterable

MAX_TAGS = 100_000  # about 15 MB of marks; beyond, forgetting all costs only misses


class Marks:
    """When each tag was last invalidated, as a stamp.

    A load takes its stamp before it asks the upstream, so an answer on its way during an invalidation is
    older than the mark and never counts as valid. Without Redis the stamps are a plain counter; with it they
    come from Redis, and while that is away they go on from the last one seen, so that whatever Redis says on
    its return is newer.
    """

    def __init__(self, *, max_tags: int = MAX_TAGS) -> None:
        self.marks: dict[str, int] = {}
        self.floor = 0  # the mark of every tag not in `marks`
        self.changes = 0  # counts invalidations: a load that began before one isn't joined after it
        self._last = 0
        self._max_tags = max_tags

    def next(self) -> int:
        """A new stamp, later than every stamp seen."""
        self._last += 1
        return self._last

    def saw(self, stamp: int) -> None:
        """Stay behind nobody: the next local stamp comes after this one."""
        self._last = max(self._last, stamp)

    def invalidate(self, tag: str, stamp: int) -> None:
        """Void the entries of the tag stamped before `stamp`. Older news changes nothing."""
        self.saw(stamp)
        if stamp <= self.marks.get(tag, 0):
            return
        self.changes += 1
        self._set(tag, stamp)

    def learn(self, tag: str, stamp: int) -> None:
        """Take over what Redis holds for the tag; unlike `invalidate`, this is no event."""
        if stamp > self.marks.get(tag, 0):
            self._set(tag, stamp)

    def valid(self, tags: Iterable[str], stamp: int) -> bool:
        return all(self.marks.get(tag, self.floor) <= stamp for tag in tags)

    def forget(self) -> None:
        """Drop all marks. Whatever was stamped up to now is void unless its marks are learnt again."""
        self.marks.clear()
        self.floor = self._last
        self.changes += 1

    def _set(self, tag: str, stamp: int) -> None:
        if len(self.marks) >= self._max_tags and tag not in self.marks:
            self.forget()
        self.marks[tag] = stamp

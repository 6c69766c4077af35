"""The near tier: least recently used out first, bounded in bytes."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from heapq import nlargest
from operator import itemgetter

from libs.common.cache.entry import Entry
from libs.common.cache.tags import Marks
from libs.common.clock import Clock

# Bytes per entry beside its own strings: the dict's slot and link, the Entry, four floats, the stamp, the
# tuple and the mapping. CPython 3.11 on 64 bits needs about 480; a test measures it.
OVERHEAD = 640
LARGEST_SHARE = 4  # one entry takes at most a quarter of the tier, or it would push out all the others


def size_of(key: str, entry: Entry) -> int:
    """What an entry costs, key and facts included."""
    size = OVERHEAD + sys.getsizeof(key) + sys.getsizeof(entry.value) + sys.getsizeof(entry.etag)
    size += sum(sys.getsizeof(tag) for tag in entry.tags)
    size += sum(64 + sys.getsizeof(name) + sys.getsizeof(text) for name, text in entry.info.items())
    return size


class MemoryTier:
    """Entries of this process. Everything here is synchronous and never waits."""

    def __init__(
        self, *, clock: Clock, marks: Marks, max_bytes: int, evicted: Callable[[], None] = lambda: None
    ) -> None:
        self.bytes = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._hits: dict[str, int] = {}
        self._time = clock.time
        self._marks = marks
        self._max_bytes = max_bytes
        self._evicted = evicted

    def __len__(self) -> int:
        return len(self._entries)

    def fresh(self, key: str) -> Entry | None:
        """The entry if it is fresh and valid. This is the hot path: about a microsecond."""
        entry = self._entries.get(key)
        if entry is None or entry.fresh_until <= self._time():
            return None
        marks = self._marks
        for tag in entry.tags:
            if marks.marks.get(tag, marks.floor) > entry.stamp:
                return None
        self._entries.move_to_end(key)
        self._hits[key] += 1
        return entry

    def servable(self, key: str) -> Entry | None:
        """The entry if it is valid and fresh or stale."""
        entry = self._valid(key)
        return (
            entry if entry is not None and self._time() < max(entry.fresh_until, entry.stale_until) else None
        )

    def rescue(self, key: str) -> Entry | None:
        """The entry if it may stand in for a load that failed."""
        entry = self._valid(key)
        return entry if entry is not None and self._time() < entry.dead_at else None

    def put(self, key: str, entry: Entry) -> bool:
        """Hold the entry. False if it is void already, older than the one held, or too large to hold."""
        held = self._entries.get(key)
        if not self._marks.valid(entry.tags, entry.stamp):
            return False
        if held is not None and held.stamp > entry.stamp and self._valid(key) is not None:
            return False
        hits = self._hits.get(key, 0)
        self.drop(key)
        size = size_of(key, entry)
        if size > self._max_bytes // LARGEST_SHARE:
            return False
        self._entries[key] = entry
        self._hits[key] = hits  # of the question, whatever its answer is by now
        self.bytes += size
        while self.bytes > self._max_bytes:
            oldest, _ = next(iter(self._entries.items()))
            self.drop(oldest)
            self._evicted()
        return True

    def drop(self, key: str, *, older_than: int | None = None) -> None:
        """Let go of the entry, or only if its stamp is before `older_than`."""
        held = self._entries.get(key)
        if held is None or (older_than is not None and held.stamp >= older_than):
            return
        del self._entries[key]
        del self._hits[key]
        self.bytes -= size_of(key, held)

    def clear(self) -> None:
        self._entries.clear()
        self._hits.clear()
        self.bytes = 0

    def hits(self, key: str) -> int:
        """How often what is held was fresh when it was asked for, since the key came here."""
        return self._hits.get(key, 0)

    def most_asked(self, limit: int) -> list[tuple[str, int, Entry]]:
        """The keys that were asked for most since they came here, with how often and what they hold."""
        first = nlargest(limit, self._hits.items(), key=itemgetter(1))
        return [(key, hits, self._entries[key]) for key, hits in first]

    def matching(self, wanted: Callable[[str, Entry], bool]) -> list[str]:
        """Keys by what they are and hold. Looks at all of them: nothing for the hot path."""
        return [key for key, entry in self._entries.items() if wanted(key, entry)]

    def _valid(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.dead_at <= self._time() or not self._marks.valid(entry.tags, entry.stamp):
            self.drop(key)
            return None
        return entry

"""How long an addon is waited for: as long as its callers wait, or briefly once it keeps being late.

An addon that says nothing would otherwise cost every question its whole deadline until its calls have timed
out, which they do much later. Lateness is known at the deadline.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping

LATE_IN_A_ROW = 3
"""So many late answers running, and nobody waits long for the addon until one is in time again."""

BRIEF_S = 0.5
"""How long such an addon is waited for. Its call goes on and fills the cache for the next who asks."""

MAX_REMEMBERED = 2000

_SPARE_S = 0.1
"""A call counts as late so long before the deadline: callers leave a moment before theirs."""


class Patience:
    """Counts late answers by the hash of an addon's address. `waits_s` is what callers allow a resource."""

    def __init__(self, waits_s: Mapping[str, float]) -> None:
        self._waits_s = waits_s
        self._late: OrderedDict[str, int] = OrderedDict()

    def wait_s(self, transport_hash: str, most_s: float) -> float:
        """How long to wait for that addon, at most `most_s`."""
        worn_out = self._late.get(transport_hash, 0) >= LATE_IN_A_ROW
        return min(most_s, BRIEF_S) if worn_out else most_s

    def forget(self, transport_hash: str) -> None:
        """It is waited for as long as any other again."""
        self._late.pop(transport_hash, None)

    def watch(self, transport_hash: str, resource: str, told: Callable[[float], None]) -> Watch:
        """A watch over one call to that addon. `told` hears, once, after how many seconds it became late."""
        wait_s = self._waits_s[resource]

        def late() -> None:
            self._late[transport_hash] = self._late.get(transport_hash, 0) + 1
            self._late.move_to_end(transport_hash)
            while len(self._late) > MAX_REMEMBERED:
                self._late.popitem(last=False)
            told(wait_s)

        return Watch(max(wait_s - _SPARE_S, wait_s / 2), late, lambda: self._late.pop(transport_hash, None))


class Watch:
    """Over one call: from when the addon is really asked (not queued for) to the end of its answer."""

    def __init__(self, within_s: float, late: Callable[[], None], timely: Callable[[], object]) -> None:
        self._within_s = within_s
        self._tell_late = late
        self._tell_timely = timely
        self._timer: asyncio.TimerHandle | None = None
        self.late = False

    def start(self) -> None:
        """Second attempts of the same call change nothing."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._within_s, self._ring)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def answered(self) -> None:
        """The addon answered, and well."""
        if not self.late:
            self._tell_timely()

    def _ring(self) -> None:
        self.late = True
        self._tell_late()

"""Which addons are not asked for now, as whoever keeps their health last said."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from libs.common.clock import Clock

MAX_REMEMBERED = 10_000

UNHEARD_S = 15.0
"""A rest that should have ended so long ago without a word about it is over: whoever decides may be away."""


class Resting:
    """What was heard of each addon: the resources it is not asked for, each until when (epoch seconds).

    Asked on every call, so it only looks into memory.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: OrderedDict[str, Mapping[str, float]] = OrderedDict()
        self._returned: OrderedDict[str, float] = OrderedDict()
        self._back: set[str] = set()

    def rests_s(self, addon_id: str, resource: str) -> float | None:
        """How long it is not asked for that resource; None where it is."""
        until = self._until.get(addon_id, {}).get(resource)
        if until is None:
            return None
        left_s = until - self._clock.time()
        return None if left_s < -UNHEARD_S else max(left_s, 1.0)

    def any_due(self) -> bool:
        """Whether the time of any rest is over."""
        now = self._clock.time()
        return any(at <= now for until in self._until.values() for at in until.values())

    def heard(self, addon_id: str, resource: str, until: float | None) -> None:
        """News of one resource; None means that it is asked for it."""
        known = self._until.get(addon_id, {})
        rest = {name: at for name, at in known.items() if name != resource}
        self._put(addon_id, rest if until is None else {**rest, resource: until})

    def heard_of(
        self, addon_id: str, resources: Iterable[str], *, until: float | None, returned_at: float | None
    ) -> None:
        """All there is to know of one addon. It may have rested and come back while nobody here asked it."""
        self._put(addon_id, {} if until is None else dict.fromkeys(resources, until))
        if returned_at is not None and returned_at != self._returned.get(addon_id):
            self._returned[addon_id] = returned_at
            self._back.add(addon_id)
            while len(self._returned) > MAX_REMEMBERED:
                self._back.discard(self._returned.popitem(last=False)[0])

    def heard_all(self, resting: Mapping[str, Mapping[str, float]]) -> None:
        """All addons that rest: any other does not."""
        for addon_id in [known for known in self._until if known not in resting]:
            self._put(addon_id, {})
        for addon_id, until in resting.items():
            self._put(addon_id, until)

    def took_back(self, addon_id: str) -> bool:
        """Whether it came back since this was last asked: what was held against it holds no more."""
        if addon_id not in self._back:
            return False
        self._back.discard(addon_id)
        return True

    def _put(self, addon_id: str, until: Mapping[str, float]) -> None:
        known = self._until.pop(addon_id, {})
        if known.keys() - until.keys():
            self._back.add(addon_id)
        if until:
            self._back.discard(addon_id)
            self._until[addon_id] = until
        while len(self._until) > MAX_REMEMBERED:
            self._until.popitem(last=False)

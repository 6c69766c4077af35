"""Who was refused last, so that an administrator sees whom the limits hold back."""

from collections import OrderedDict

from libs.common.clock import Clock
from libs.common.states import RefusalState

MOST = 20


class Refusals:
    """The latest ones of this process. Whoever is refused again and again is one of them, with a number, or
    a single program gone wild would hide everybody else."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: OrderedDict[tuple[str, ...], RefusalState] = OrderedDict()

    def note(self, tier: str, limit: str, *, account_id: str = "", network: str = "") -> None:
        key = (tier, limit, account_id, network)
        former = self._held.pop(key, None)
        self._held[key] = RefusalState(
            at=self._clock.now(),
            tier=tier,
            limit=limit,
            account_id=account_id,
            network=network,
            times=1 if former is None else former.times + 1,
        )
        if len(self._held) > MOST:
            self._held.popitem(last=False)

    def latest(self) -> tuple[RefusalState, ...]:
        """The last one first."""
        return tuple(reversed(self._held.values()))

"""What happened, second by second: counts of milliseconds, so that an hour of load stays small."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

ALL = "all"


@dataclass(slots=True)
class Tally:
    """Answers by how long they took, in whole milliseconds; refusals and failures among them."""

    ms: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    failed: int = 0

    @property
    def count(self) -> int:
        return self.ms.total()

    def percentile(self, share: float) -> int:
        """The time within which this share of the answers came; 0 without answers."""
        wanted, seen = share * self.count, 0
        for ms, count in sorted(self.ms.items()):
            seen += count
            if seen >= wanted:
                return ms
        return 0


def merged(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.ms.update(tally.ms)
        whole.refused += tally.refused
        whole.failed += tally.failed
    return whole


class Record:
    """Tallies by name and by second."""

    def __init__(self) -> None:
        self._tallies: defaultdict[tuple[str, int], Tally] = defaultdict(Tally)
        self.errors: Counter[str] = Counter()

    def note(self, name: str, second: int, ms: float, error: str = "") -> None:
        tally = self._tallies[name, second]
        tally.ms[round(ms)] += 1
        if error == "refused":
            tally.refused += 1
        elif error:
            tally.failed += 1
            self.errors[f"{name}: {error}"] += 1

    def by_name(self) -> dict[str, Tally]:
        """A tally for each kind of request, and one for all of them."""
        names = sorted({name for name, _ in self._tallies})
        found = {
            name: merged(tally for key, tally in self._tallies.items() if key[0] == name) for name in names
        }
        return {**found, ALL: merged(found.values())}

    def by_second(self) -> list[Tally]:
        """One tally for each second from the first to the last."""
        last = max((second for _, second in self._tallies), default=-1)
        seconds: list[list[Tally]] = [[] for _ in range(last + 1)]
        for (_, second), tally in self._tallies.items():
            seconds[second].append(tally)
        return [merged(tallies) for tallies in seconds]

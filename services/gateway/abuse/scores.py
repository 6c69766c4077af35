"""Leaky buckets in memory, and who was counted already."""

from collections import OrderedDict
from dataclasses import dataclass

from services.gateway.abuse.scenarios import Scenario

MOST_SCORES = 50_000
MOST_GUESSERS = 5_000
MOST_SUBJECTS = 64
"""Each is one point, so no scenario needs more to run over."""


@dataclass(frozen=True, slots=True)
class Points:
    """What a network did since it was last counted; `capacity` is the scenario's, or its neighbours'."""

    scenario: Scenario
    network: str
    points: float
    capacity: float


def leaked(score: float, elapsed_s: float, leak_per_s: float) -> float:
    """What is left in a bucket."""
    return max(0.0, score - max(0.0, elapsed_s) * leak_per_s)


class Scores:
    """Buckets by scenario and network. The least recently filled ones go first when there are too many."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def add(self, points: Points, now: float) -> float:
        """The score if it runs over, which also empties the bucket; else 0."""
        key = (points.scenario.name, points.network)
        score, at = self._held.pop(key, (0.0, now))
        score = leaked(score, now - at, points.scenario.leak_per_s) + points.points
        if score > points.capacity:
            return score
        self._held[key] = (score, now)
        while len(self._held) > MOST_SCORES:
            self._held.popitem(last=False)
        return 0.0


class Shares:
    """What each address put into its neighbourhood's bucket: no more than its own holds.

    Or one address would block all its neighbours with what it sends before its own block is decided.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, scenario: Scenario, network: str, points: float, now: float) -> float:
        """How many of the points count against the neighbourhood."""
        key = (scenario.name, network)
        held, at = self._held.pop(key, (0.0, now))
        held = leaked(held, now - at, scenario.leak_per_s)
        taken = min(points, scenario.capacity - held)
        self._held[key] = (held + taken, now)
        if len(self._held) > MOST_SCORES:
            self._held.popitem(last=False)
        return taken


class Subjects:
    """Which subjects of a network were counted in a scenario's window. Keeps hashes, never a token."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], tuple[float, set[int]]] = OrderedDict()

    def is_new(self, scenario: Scenario, network: str, subject: str, now: float) -> bool:
        key = (scenario.name, network)
        since, subjects = self._held.get(key, (now, set[int]()))
        if now - since > scenario.window_s or len(subjects) >= MOST_SUBJECTS:
            since, subjects = now, set()
        self._held[key] = (since, subjects)
        self._held.move_to_end(key)
        while len(self._held) > MOST_GUESSERS:
            self._held.popitem(last=False)
        mark = hash(subject)
        if mark in subjects:
            return False
        subjects.add(mark)
        return True

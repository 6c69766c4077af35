"""What an owner decided about entries by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.catalog.identity.entry import Key

Pair = tuple[Key, Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What an owner said of two entries of one kind; `one` comes before `other` in the order of texts.

    `at` is in epoch milliseconds.
    """

    kind: str
    one: str
    other: str
    same: bool
    at: int

    @property
    def pair(self) -> Pair:
        return (self.kind, self.one), (self.kind, self.other)


@dataclass(frozen=True, slots=True)
class Choices:
    """Pairs that are the same title whatever they look like, and pairs that are not."""

    same: tuple[Pair, ...] = ()
    apart: Mapping[Key, frozenset[Key]] = field(default_factory=dict)

    @classmethod
    def made(cls, chosen: Iterable[Chosen]) -> Choices:
        chosen = tuple(chosen)
        return cls.of(
            (each.pair for each in chosen if each.same), (each.pair for each in chosen if not each.same)
        )

    @classmethod
    def of(cls, same: Iterable[Pair], apart: Iterable[Pair]) -> Choices:
        """In one order whatever order they come in. Across kinds nothing is the same."""
        sides: defaultdict[Key, set[Key]] = defaultdict(set)
        for one, other in apart:
            sides[one].add(other)
            sides[other].add(one)
        together = {(min(pair), max(pair)) for pair in same if pair[0][0] == pair[1][0]}
        return cls(tuple(sorted(together)), {key: frozenset(others) for key, others in sides.items()})


NO_CHOICES = Choices()

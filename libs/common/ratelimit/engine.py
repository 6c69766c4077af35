"""What takes from limits, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from libs.common.ratelimit.policies import SECOND_US, Limit, Policy, Standing, State


@dataclass(frozen=True, slots=True)
class Verdict:
    """`violated` names the policies that refuse; nothing has been taken from any then.

    `limit` is the name of the first limit that refuses, empty when all admit.
    """

    standings: tuple[Standing, ...]
    violated: tuple[str, ...] = ()
    limit: str = ""
    retry_after_s: float = 0.0

    @property
    def admitted(self) -> bool:
        return not self.violated


class Engine(Protocol):
    """Counts requests. A request is taken from all its limits or from none."""

    @property
    def where(self) -> Literal["memory", "redis"]:
        """Where requests are counted now."""
        ...

    @property
    def out(self) -> bool:
        """Whether each process decides alone for now, though all are meant to count together."""
        ...

    @property
    def decided_alone(self) -> int:
        """How many requests were judged while it was `out`."""
        ...

    async def take(self, subject: str, limits: tuple[Limit, ...]) -> Verdict:
        """`subject` is who is counted."""
        ...


def policies_of(limits: tuple[Limit, ...]) -> tuple[tuple[Limit, Policy], ...]:
    """Every policy with its limit."""
    return tuple((limit, policy) for limit in limits for policy in limit.policies)


def judged(
    pairs: Sequence[tuple[Limit, Policy]], states: Sequence[State], now_us: int, *, admitted: bool
) -> Verdict:
    """The verdict on states as they are after the decision."""
    standings = tuple(
        Standing.of(policy, state, now_us) for (_, policy), state in zip(pairs, states, strict=True)
    )
    if admitted:
        return Verdict(standings)
    waits = [policy.wait_us(state, now_us) for (_, policy), state in zip(pairs, states, strict=True)]
    refusing = [pair for pair, wait_us in zip(pairs, waits, strict=True) if wait_us > 0]
    violated = tuple(policy.name for _, policy in refusing)
    return Verdict(standings, violated, refusing[0][0].name, max(waits) / SECOND_US)

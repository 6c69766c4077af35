"""How the instances of a service are treated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancePolicy:
    """How instances are treated. Without another to go to, none of it applies.

    An instance that owes an answer for `suspect_s` is checked out of turn: one that lives answers a check in
    a millisecond, however slow the question is.
    """

    connect_s: float = 1.0
    check_every_s: float = 2.0
    check_within_s: float = 1.0
    look_every_s: float = 0.5
    fails_out: int = 2
    passes_in: int = 1
    suspect_s: float = 0.5
    ejected_after: int = 3
    eject_s: float = 2.0
    max_eject_s: float = 60.0
    max_ejected: float = 0.5
    """The largest share of the instances that is ejected at a time."""
    resolve_every_s: float = 5.0
    max_tries: int = 3
    """Instances asked by one call before it waits or gives up."""

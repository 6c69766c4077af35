"""How many connections a provider's account has open, counted so that there is never one too many.

A place is kept for seconds and renewed while it plays, so that a replica which dies gives back its own. The
same rule stands twice: here for one process, in `redis_places` for replicas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from libs.common.clock import Clock

LASTS_S: Final = 15.0
"""Of a place that nobody renews."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked for. `player` is who plays, `session` what they play: a seek is the same session anew.

    Of a playlist and its parts, `id` is the session's and `lingers`: it has no connection between its parts,
    and gives way when its player turns to something else.
    """

    id: str
    player: str
    session: str
    lingers: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """`former` is the id of the place that was given up for it, "" for none."""

    former: str = ""


class Places(Protocol):
    """Places at accounts of providers, and of profiles, which may have any number and are told it."""

    async def take(self, provider: str, place: Place, most: int, *, pushes: bool) -> Taken | None:
        """None where there is no room; also renews. Who `pushes` may have the former place of the session, or
        one that lingers of the player: whoever had that is refused when they renew it."""
        ...

    async def give_back(self, provider: str, place: Place) -> None: ...

    async def count(self, provider: str) -> int: ...


@dataclass(frozen=True, slots=True)
class _Held:
    place: Place
    until: float


class MemoryPlaces:
    """Of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, dict[str, _Held]] = {}

    async def take(self, provider: str, place: Place, most: int, *, pushes: bool) -> Taken | None:
        now = self._clock.monotonic()
        held = {id_: one for id_, one in self._held.get(provider, {}).items() if one.until > now}
        former = ""
        if place.id not in held and len(held) >= most:
            former = _gives_way(held, place) if pushes else ""
            if not former:
                return None
            del held[former]
        held[place.id] = _Held(place, now + LASTS_S)
        self._held[provider] = held
        return Taken(former)

    async def give_back(self, provider: str, place: Place) -> None:
        held = self._held.get(provider, {})
        held.pop(place.id, None)
        if not held:
            self._held.pop(provider, None)

    async def count(self, provider: str) -> int:
        now = self._clock.monotonic()
        return sum(one.until > now for one in self._held.get(provider, {}).values())


def _gives_way(held: dict[str, _Held], place: Place) -> str:
    """The first to have come, of those that may."""
    sessions = (id_ for id_, one in held.items() if one.place.session == place.session)
    lingering = (id_ for id_, one in held.items() if one.place.lingers and one.place.player == place.player)
    return next(sessions, "") or next(lingering, "")

"""The paths that films made here travel by: sealed as those of media are, with all that is needed to make any
segment, so that whichever replica is asked can answer.

What follows the sealed part says which file of the film is meant.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from libs.common.clock import Clock
from libs.common.media import MAX_CHARS, MediaPathUnknown, Proof, Sealing, TooLong
from libs.common.secrets import SecretKey
from services.streaming.hls.film import Film

PREFIX: Final = "/media/hls/"
MASTER: Final = "master.m3u8"
PART: Final = "part"
WHOLE: Final = "film"
"""What a file of a ticket without a film is called: a part of a playlist, or the source as it is."""


class Link(msgspec.Struct, frozen=True, array_like=True, tag="link"):
    """A direct link, and the headers that its addon says it needs."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return "Link(hidden)"


class Local(msgspec.Struct, frozen=True, array_like=True, tag="local"):
    """A file of the operator's folder of films, by its number."""

    file: int


Origin: TypeAlias = Link | Local


class Ticket(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """`session` tells one playing from another. With a `film` it is made here: `copied` are the sounds that
    stay as they are. Without one, the origin is passed on: a source, or a part of a source's playlist."""

    account_id: str
    profile_id: str
    session: str
    origin: Origin
    film: Film | None = None
    copies_picture: bool = False
    copied: tuple[int, ...] = ()
    max_height: int = 0
    start_s: float = 0.0

    @property
    def player(self) -> Player:
        return Player(self.account_id, self.session)

    def __repr__(self) -> str:
        return f"Ticket(session={self.session!r}, origin={self.origin!r})"


class Player(NamedTuple):
    """Who asks for a film that is made here."""

    account_id: str
    session: str


class Opened(NamedTuple):
    """What a path says. `until` is in epoch seconds."""

    ticket: Ticket
    proof: Proof
    until: int

    @property
    def account_id(self) -> str:
        return self.ticket.account_id


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    until: int
    ticket: Ticket
    proof: Proof


class Tickets:
    """Writes such paths and reads them. All replicas share the operator's key."""

    def __init__(self, key: SecretKey, clock: Clock) -> None:
        self._sealing = Sealing(_Sealed, key, clock, purpose="hls-path")

    def path(self, ticket: Ticket, proof: Proof, file: str, *, until: int | None = None) -> str:
        """Below the hub's address, good for half a day to a whole one. Raises TooLong."""
        sealed = self._sealing.seal(_Sealed(until or self._sealing.until(), ticket, proof))
        if len(sealed) > MAX_CHARS - len(PREFIX) - len(file):
            raise TooLong
        return f"{PREFIX}{sealed}/{file}"

    def read(self, signed: str) -> Opened:
        """Raises MediaPathUnknown or MediaPathOver. Whether its proof still holds is asked of auth."""
        found = self._sealing.open(signed)
        return Opened(found.ticket, found.proof, found.until)


TrackKind: TypeAlias = Literal["v", "a", "s"]
_FILE = re.compile(
    r"(?P<kind>[vas])(?P<track>[0-9]{1,2})(?:-(?P<number>[0-9]{1,5}))?\.(?P<ending>[a-z0-9]{3,4})"
)


class Asked(NamedTuple):
    """A file of a film: `number` None for what stands for the whole track."""

    kind: TrackKind
    track: int
    number: int | None
    ending: str


def asked_of(file: str) -> Asked:
    """Raises MediaPathUnknown."""
    found = _FILE.fullmatch(file)
    if found is None:
        raise MediaPathUnknown("There is no such file of this film.")
    number = found["number"]
    kind: TrackKind = "v" if found["kind"] == "v" else "a" if found["kind"] == "a" else "s"
    return Asked(kind, int(found["track"]), None if number is None else int(number), found["ending"])

"""The paths media travel by: sealed with the hub's key, of one profile and one thing, over after a while, or
with what their player was let in by.

What is to be played stands in the path, unreadable: parts of a playlist are at addresses that hold a
provider's credentials. The same wish gives the same path within its time, as playlists that are read again
and again want it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from libs.common.clock import Clock
from libs.common.errors import Forbidden, NotFound
from libs.common.identity import ProofKind
from libs.common.secrets import SecretKey

LibraryKind: TypeAlias = Literal["live", "movie", "series"]
"""As panels call their paths: `series` is an episode."""
MediaKind: TypeAlias = Literal["live", "movie", "series", "local"]
"""`local` is a file of the hub's own folder, the others are of the library."""
WishKind: TypeAlias = Literal["live", "movie", "series", "local", "subtitles"]
"""`subtitles` are an addon's: they have no number, and their `part` is where they are."""

PREFIX: Final = "/media/"
LASTS_S: Final = 12 * 3600
PAUSED_S: Final = 300.0
"""A player that takes nothing for longer is left, and asks again when it goes on. nginx is told the same."""
MAX_CHARS: Final = 8000
"""Of the sealed part: web servers stop at lines of 8 190 bytes."""


class MediaPathUnknown(NotFound):
    code = "media_path_unknown"
    title = "Not a path of this hub"


class MediaPathOver(Forbidden):
    code = "media_path_over"
    title = "The path is too old"


class TooLong(ValueError):
    """What is to be sealed makes a longer path than web servers take."""


class Wish(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What is to be played, for whom. `item` is the number that the hub gave it.

    Of catch-up, `start` is in epoch seconds and `duration_s` how much of it. `part` is the address of a part
    of the playlist that this led to.
    """

    account_id: str
    profile_id: str
    kind: WishKind
    item: int
    start: int = 0
    duration_s: int = 0
    part: str = ""

    def __repr__(self) -> str:
        return f"Wish(kind={self.kind!r}, item={self.item}, start={self.start}, is_part={bool(self.part)})"


class Proof(msgspec.Struct, frozen=True, array_like=True):
    """What a player was let in by, as auth resolves it: the path ends with it."""

    kind: ProofKind
    token: str

    def __repr__(self) -> str:
        return f"Proof(kind={self.kind!r}, token hidden)"


class Signed(NamedTuple):
    """What a path says. `until` is in epoch seconds."""

    wish: Wish
    proof: Proof
    until: int

    @property
    def account_id(self) -> str:
        return self.wish.account_id


class Ending(Protocol):
    """What is sealed. `until` is in epoch seconds."""

    @property
    def until(self) -> int: ...


E = TypeVar("E", bound=Ending)


class Sealing(Generic[E]):
    """What paths say, made unreadable: `purpose` tells one kind of path from another."""

    def __init__(self, type_: type[E], key: SecretKey, clock: Clock, *, purpose: str) -> None:
        self._cipher = AESSIV(key.derive(purpose))
        self._decode = msgspec.msgpack.Decoder(type_).decode
        self._clock = clock

    def until(self) -> int:
        """In half a day to a whole one: for half a day the same path is given."""
        return (int(self._clock.time()) // LASTS_S + 2) * LASTS_S

    def seal(self, said: E) -> str:
        sealed = self._cipher.encrypt(msgspec.msgpack.encode(said), None)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, sealed: str) -> E:
        """Raises MediaPathUnknown or MediaPathOver. Whether its proof still holds is asked of auth."""
        if len(sealed) > MAX_CHARS:
            raise MediaPathUnknown
        try:
            data = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            said = self._decode(self._cipher.decrypt(data, None))
        except (InvalidTag, ValueError, binascii.Error, msgspec.MsgspecError) as error:
            raise MediaPathUnknown("This address was not made by this hub.") from error
        if said.until < self._clock.time():
            raise MediaPathOver("This address is over. Start it anew from where you found it.")
        return said


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    until: int
    wish: Wish
    proof: Proof


class MediaPaths:
    """Writes such paths and reads them. All services share the operator's key."""

    def __init__(self, key: SecretKey, clock: Clock) -> None:
        self._sealing = Sealing(_Sealed, key, clock, purpose="media-path")

    def path(self, wish: Wish, proof: Proof, extension: str = "", *, until: int | None = None) -> str:
        """Below the hub's address. `until` is when it is over, where that isn't as `Sealing` has it, in
        epoch seconds. Raises TooLong."""
        sealed = self._sealing.seal(_Sealed(until or self._sealing.until(), wish, proof))
        name = f"{wish.item}.{extension}" if extension else str(wish.item)
        if len(sealed) > MAX_CHARS - len(PREFIX) - len(name):
            raise TooLong
        return f"{PREFIX}{sealed}/{name}"

    def knows(self, path: str) -> bool:
        """Whether it is a path of ours that still holds."""
        try:
            self.read(path.removeprefix(PREFIX).partition("/")[0])
        except (MediaPathUnknown, MediaPathOver):
            return False
        return True

    def read(self, signed: str) -> Signed:
        """Raises MediaPathUnknown or MediaPathOver. Whether its proof still holds is asked of auth."""
        found = self._sealing.open(signed)
        return Signed(found.wish, found.proof, found.until)

"""Which episodes of a show were seen, as Stremio writes it: ``anchor:length:bits``.

The bits, base64 of zlib, are those of the show's episodes in Stremio's order, the lowest bit of a byte first.
The anchor is the last episode seen, and the length the place it had, counted from one: where the list of
episodes has changed since, the bits are moved so that the anchor has its own again.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MAX_VIDEOS: Final = 20_000
"""No show has run for so long, and viewing state takes half as many."""
_MAX_BYTES: Final = MAX_VIDEOS // 8
_MAX_CHARS: Final = 4 * _MAX_BYTES
_LAST_SEASON: Final = 2**32
NO_ANCHOR: Final = "undefined"


class WatchedUnreadable(Exception):
    """It is damaged, or larger than any show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An episode, as far as its place depends on it."""

    video_id: str
    season: int | None = None
    episode: int | None = None
    released: float | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """The text taken apart. `length` is the place of the anchor."""

    anchor: str
    length: int
    bits: bytes

    def of(self, video_ids: Sequence[str]) -> list[str]:
        """The videos of the list that were seen; none where the anchor isn't among them."""
        try:
            offset = self.length - 1 - video_ids.index(self.anchor)
        except ValueError:
            return []
        return [video_id for place, video_id in enumerate(video_ids) if self._has(place + offset)]

    def of_anchor(self) -> list[str]:
        """The anchor, if it was seen: all that is known without a list of episodes."""
        return [self.anchor] if self._has(self.length - 1) and self.anchor != NO_ANCHOR else []

    def fitting(self, orders: Sequence[Sequence[str]]) -> Sequence[str] | None:
        """The order that whoever wrote it had, as far as that shows: the anchor has its place there."""
        place = self.length - 1
        return next((ids for ids in orders if 0 <= place < len(ids) and ids[place] == self.anchor), None)

    def _has(self, bit: int) -> bool:
        return 0 <= bit < len(self.bits) * 8 and bool(self.bits[bit >> 3] >> (bit & 7) & 1)


def read_watched(text: str) -> Watched:
    """Raises WatchedUnreadable."""
    # From the right: the id of an episode has colons of its own.
    parts = text.rsplit(":", 2)
    if len(parts) != 3 or len(text) > _MAX_CHARS or not (parts[1].isascii() and parts[1].isdigit()):
        raise WatchedUnreadable
    length = int(parts[1][:10])
    if length > MAX_VIDEOS:
        raise WatchedUnreadable
    return Watched(parts[0], length, _unpacked(parts[2]))


def write_watched(watched: Collection[str], video_ids: Sequence[str]) -> str:
    """The text for the videos of the list that are among `watched`."""
    bits = bytearray((len(video_ids) + 7) // 8)
    last = 0
    for place, video_id in enumerate(video_ids):
        if video_id in watched:
            bits[place >> 3] |= 1 << (place & 7)
            last = place
    anchor = video_ids[last] if video_ids else NO_ANCHOR
    return f"{anchor}:{last + 1}:{base64.b64encode(zlib.compress(bytes(bits))).decode()}"


def in_orders(places: Iterable[Place]) -> tuple[list[str], ...]:
    """The ids in Stremio's order, each once: by season and episode. Its present core has specials first in
    these fields (seen in stremio-core-web 0.62.1), others had them last: what is written now comes first."""
    first = dict[str, Place]()
    for place in places:
        first.setdefault(place.video_id, place)
    if not first:
        return ()
    ranked = [sorted(first.values(), key=rank) for rank in (_rank, _rank_of_others)]
    return tuple([place.video_id for place in each] for each in ranked)


def _rank_of_others(place: Place) -> tuple[int, int, int, float]:
    found, season, episode, released = _rank(place)
    return (found, _LAST_SEASON if found == 0 and season == 0 else season, episode, released)


def _rank(place: Place) -> tuple[int, int, int, float]:
    if place.season is not None and place.episode is not None:
        return (0, place.season, place.episode, 0.0)
    return (1, 0, 0, place.released) if place.released is not None else (2, 0, 0, 0.0)


def _unpacked(packed: str) -> bytes:
    try:
        unpacking = zlib.decompressobj()
        bits = unpacking.decompress(base64.b64decode(packed, validate=True), _MAX_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise WatchedUnreadable from None
    if len(bits) > _MAX_BYTES or not unpacking.eof:
        raise WatchedUnreadable
    return bits

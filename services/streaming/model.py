"""Sources of a video: who offers what, in which order, and for how long that may be believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from libs.addons.freshness import Freshness
from libs.addons.items import Item
from libs.common.contracts.addon_health import SourceHealth
from libs.protocols.stremio.manifest import Manifest
from libs.protocols.stremio.objects import Stream, named, parse_streams


@dataclass(frozen=True, slots=True)
class Addon:
    """An enabled addon of the account that asks; `is_own`: a provider of the hub's, in nobody's list."""

    id: str
    name: str
    transport_hash: str
    manifest: Manifest
    transport_url: str = field(repr=False)
    is_own: bool = False
    health: SourceHealth = SourceHealth()  # noqa: RUF009  frozen


NOTHING_TO_ASK = Freshness(300, 0, 0)
"""No addon answers for such a video; a new addon drops what the gateway keeps for the account."""

LATE = Freshness(2, 0, 0)
"""Somebody is late: their answer is about to be in our cache."""

FAILED = Freshness(5, 0, 0)
"""Somebody failed: worth asking again soon."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An item with where it came from: the addon's place in its owner's order, the item's place in
    the addon's list (both from 1), and the addons that offer the very same thing further down. Of the hub's
    own providers `addon_place` is 0.

    `stream` is what the item says where it is a stream, once it has been read.
    """

    addon: Addon
    addon_place: int
    place: int
    item: Item
    also: tuple[str, ...] = ()
    stream: Stream | None = None

    def why(self, addons: int) -> tuple[str, ...]:
        """The reasons for its rank, for people."""
        reasons = [self._whose(addons), f"number {self.place} in its list"]
        if self.also:
            reasons.append("also offered by " + ", ".join(self.also))
        return tuple(reasons)

    def _whose(self, addons: int) -> str:
        if self.addon.is_own:
            return f"{self.addon.name} has it"
        if addons > 1:
            return f"{self.addon.name} is number {self.addon_place} of your {addons} addons"
        return f"{self.addon.name} is your only addon for this"


def ranked(lists: Sequence[tuple[Addon, Sequence[Item]]]) -> tuple[Offer, ...]:
    """All items in the order of those who offer them, each thing once, where it first stands."""
    offers: dict[tuple[str, ...], Offer] = {}
    addon_place = 0
    for addon, items in lists:
        addon_place += not addon.is_own
        for place, item in enumerate(items, 1):
            known = offers.get(item.identity)
            if known is None:
                offers[item.identity] = Offer(addon, 0 if addon.is_own else addon_place, place, item)
            elif known.addon is not addon and addon.name not in known.also:
                offers[item.identity] = replace(known, also=(*known.also, addon.name))
    return tuple(offers.values())


def with_streams(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The offers with their streams read. A stream without a name of its own is given its addon's."""
    return tuple(
        _with_stream(offer, stream) for offer in offers for stream in parse_streams((offer.item.raw,))
    )


def _with_stream(offer: Offer, stream: Stream) -> Offer:
    if not stream.name:
        stream = named(stream, offer.addon.name)
    return replace(offer, item=Item(offer.item.identity, stream.raw), stream=stream)

"""Sources of a video: who offers what, in which order, and for how long that may be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.addons.freshness import Freshness
from libs.addons.items import Item
from libs.common.contracts.addon_health import SourceHealth
from libs.protocols.stremio.manifest import Manifest
from libs.protocols.stremio.objects import Stream


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
    """An item with where it came from: the addon's place in its owner's order, the item's place in the
    addon's list (both from 1). Of the hub's own providers `addon_place` is 0;
    `turn` is a place among these and addons together, in the order that the operator set.

    `stream` is what the item says where it is a stream; `begins_ms` how long such took to begin lately.
    """

    addon: Addon
    addon_place: int
    place: int
    item: Item
    stream: Stream | None = None
    turn: int = 0
    begins_ms: int | None = None


def each_once(lists: Sequence[tuple[Addon, Sequence[Item]]]) -> tuple[Offer, ...]:
    """All items in the order of those who offer them, each thing once, where it first stands."""
    offers: dict[tuple[str, ...], Offer] = {}
    addon_place = 0
    for addon, items in lists:
        addon_place += not addon.is_own
        for place, item in enumerate(items, 1):
            if item.identity not in offers:
                offers[item.identity] = Offer(addon, 0 if addon.is_own else addon_place, place, item)
    return tuple(offers.values())

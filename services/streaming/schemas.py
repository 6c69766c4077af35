"""Wire shapes: the Stremio body, the REST page, and the headers both carry."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from multidict import CIMultiDict

from libs.addons.freshness import Freshness
from libs.common.contracts.streaming import (
    DroppedStream,
    StreamAlternative,
    StreamsPage,
    StreamView,
)
from libs.protocols.stremio.objects import Stream
from services.streaming.aggregate import Gathered
from services.streaming.model import Offer
from services.streaming.ranking.binge import with_binge_group
from services.streaming.ranking.ids import source_id
from services.streaming.ranking.places import Player
from services.streaming.ranking.rank import Entry
from services.streaming.ranking.reasons import reasons

_LISTS = {"stream": "streams", "subtitles": "subtitles"}
RESOURCES = frozenset(_LISTS)
MOST_DROPPED = 500
"""Of what was left out so much is told."""


CodecName: TypeAlias = Annotated[str, msgspec.Meta(max_length=32, examples=["h264"])]


class PlayerQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the player: `codecs` of pictures, the most lines it shows, and what its line carries.
    What it can't play or its line can't carry goes to the end of the list."""

    codecs: Annotated[tuple[CodecName, ...], msgspec.Meta(max_length=64)] = ()
    max_height: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    bandwidth_bps: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)] = 0


def player_of(query: PlayerQuery) -> Player:
    return Player(frozenset(query.codecs), query.max_height or None, query.bandwidth_bps or None)


def render_body(resource: str, gathered: Gathered) -> bytes:
    """The protocol's answer. Items go out as they came in, but that they say which are of one quality."""
    ranked = gathered.ranked
    raws = (
        (offer.item.raw for offer in gathered.offers)
        if ranked is None
        else map(with_binge_group, ranked.entries)
    )
    items = b",".join(raws)
    kept = gathered.freshness or Freshness(0, 0, 0)
    return b'{"%s":[%s],"cacheMaxAge":%d,"staleRevalidate":%d,"staleError":%d}' % (
        _LISTS[resource].encode(),
        items,
        kept.max_age_s,
        kept.stale_s,
        kept.error_s,
    )


def render_page(gathered: Gathered) -> StreamsPage:
    """The REST answer, each source with the reasons for its place."""
    ranked = gathered.ranked
    if ranked is None:
        return StreamsPage(items=(), problems=gathered.problems)
    return StreamsPage(
        items=tuple(_view(entry, reasons(entry, ranked, gathered.addons)) for entry in ranked.entries),
        problems=gathered.problems,
        dropped=tuple(
            DroppedStream(addon_name=each.addon.name, name=each.name, reason=each.reason)
            for each in ranked.dropped[:MOST_DROPPED]
        ),
    )


def render_headers(gathered: Gathered) -> CIMultiDict[str]:
    # An answer of nobody is never kept.
    lives = {"Cache-Control": "no-store"} if gathered.freshness is None else gathered.freshness.headers()
    headers = CIMultiDict({"Content-Type": "application/json", **lives, "X-Headgate-Cache": gathered.state})
    if gathered.problems:
        headers["X-Headgate-Partial"] = ",".join(problem.addon_id for problem in gathered.problems)
    return headers


def _view(entry: Entry, why: tuple[str, ...]) -> StreamView:
    addon, stream = entry.offer.addon, entry.source.stream
    return StreamView(
        id=source_id(stream.identity),
        addon_id=addon.id,
        addon_name=addon.name,
        name=stream.name,
        description=stream.description,
        kind=stream.kind,
        url=stream.url,
        why=why,
        raw=msgspec.Raw(with_binge_group(entry)),
        facts=entry.facts,
        alternatives=tuple(_alternative(other, other.stream) for other in entry.others if other.stream),
    )


def _alternative(offer: Offer, stream: Stream) -> StreamAlternative:
    return StreamAlternative(
        id=source_id(stream.identity),
        addon_id=offer.addon.id,
        addon_name=offer.addon.name,
        name=stream.name,
        kind=stream.kind,
        url=stream.url,
    )

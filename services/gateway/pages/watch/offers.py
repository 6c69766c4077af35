"""Sources as the watch page offers them: what plays here, and what is watched elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Literal
from urllib.parse import quote

import msgspec

from libs.common.contracts.streaming import StreamView
from services.gateway.pages.model import Source
from services.gateway.pages.read import read_source

How = Literal["here", "frame", "stremio", "elsewhere"]

MAX_GROUP_CHARS: Final = 200
YOUTUBE: Final = "https://www.youtube.com/watch?v="
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")
MAGNET: Final = "magnet:?xt=urn:btih:"


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same file from somebody else."""

    id: str
    addon_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`link` leads to where it is watched, if not here; `address` is what mpv and VLC take. A `frame` shows
    the page of a site that the operator has set.

    `group` is the same text for what an addon calls the same quality of another episode.
    """

    id: str
    source: Source
    how: How
    link: str = ""
    address: str = ""
    group: str = ""
    alternatives: tuple[Alternative, ...] = ()


class _Hints(msgspec.Struct):
    group: object = msgspec.field(name="bingeGroup", default=None)


class _Raw(msgspec.Struct):
    hints: _Hints = msgspec.field(name="behaviorHints", default_factory=_Hints)
    youtube_id: str = msgspec.field(name="ytId", default="")
    info_hash: str = msgspec.field(name="infoHash", default="")


def read_offer(stream: StreamView, *, in_stremio: str) -> Offer:
    """`in_stremio` is the video's address there."""
    raw = _read(stream.raw)
    source = read_source(stream)
    group = raw.hints.group
    offer = Offer(
        id=stream.id,
        source=source,
        how="here",
        address=source.copy or "",
        group=group[:MAX_GROUP_CHARS] if isinstance(group, str) else "",
        alternatives=tuple(
            Alternative(other.id, other.addon_name) for other in stream.alternatives if other.kind == "url"
        ),
    )
    match stream.kind:
        case "url" if source.link is not None:
            return offer
        case "external" if source.link is not None:
            return replace(offer, how="elsewhere", link=source.link, address="")
        case "youtube" if raw.youtube_id:
            link = YOUTUBE + quote(raw.youtube_id, safe="")
            return replace(offer, how="elsewhere", link=link, address=link)
        case "torrent" if raw.info_hash:
            return replace(offer, how="stremio", link=in_stremio, address=MAGNET + raw.info_hash)
    return replace(offer, how="stremio", link=in_stremio)


def framed(offer: Offer, origins: Iterable[str]) -> Offer:
    """The same, in a frame if it is a page of one of those sites."""
    is_theirs = offer.how == "elsewhere" and offer.link.startswith(tuple(f"{each}/" for each in origins))
    return replace(offer, how="frame") if is_theirs else offer


def frame_sources(origins: Iterable[str]) -> tuple[str, ...]:
    """Those that may stand in a policy: whatever else is in one there would be a directive of its own."""
    return tuple(origin for origin in origins if _ORIGIN.fullmatch(origin))


def stremio_link(type_: str, title_id: str, video_id: str) -> str:
    """Opens Stremio's app at the video."""
    return "stremio:///detail/" + "/".join(quote(part, safe="") for part in (type_, title_id, video_id))


def first_of(offers: Sequence[Offer], *, source_id: str, group: str) -> Offer | None:
    """The one asked for, else the quality watched before, else the first that plays here, else the first."""
    here = [offer for offer in offers if offer.how == "here"]
    asked = (offer for offer in offers if offer.id == source_id)
    same = (offer for offer in here if group and offer.group == group)
    return next(chain(asked, same, here, offers), None)


def _read(raw: msgspec.Raw) -> _Raw:
    try:
        return msgspec.json.decode(raw, type=_Raw)
    except msgspec.DecodeError:
        return _Raw()

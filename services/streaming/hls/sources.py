"""What a source of a video leads to, as its addon wrote it. Pure.

Only sources of the profile itself are read, never an address that a player sends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias, get_args

import msgspec

from libs.common.media import MediaKind
from libs.protocols.stremio.objects import Stream
from services.streaming.hls.tickets import Link

MOST_HEADERS: Final = 20
LONGEST_HEADER: Final = 1000
_PLAY: Final = re.compile(
    r"headgate:play/(?P<kind>live|movie|series|local)/(?P<item>[0-9]{1,18})(?:\.(?P<ending>\w{1,5}))?"
)
_KIND: Final[Mapping[str, MediaKind]] = {kind: kind for kind in get_args(MediaKind)}
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "if-range",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that say how the hub speaks to a server, not what an addon wants told."""


class Own(NamedTuple):
    """Something that the hub itself has: of the library, or of the folder of films."""

    kind: MediaKind
    item: int
    ending: str


class Elsewhere(NamedTuple):
    """What another site or app plays."""

    address: str


class Nowhere(NamedTuple):
    """`reason` says why the hub can't play it."""

    reason: str


Target: TypeAlias = Link | Own | Elsewhere | Nowhere

_KINDS: Final = {
    "torrent": "This is a torrent. The hub downloads none: choose another source, or an addon that does.",
    "usenet": "This is a post in Usenet. The hub downloads none: choose another source.",
    "archive": "This film is inside an archive, which the hub doesn't unpack. Choose another source.",
}


class _Proxy(msgspec.Struct):
    request: dict[str, str] = {}


class _Hints(msgspec.Struct):
    proxyHeaders: _Proxy | None = None


class _Raw(msgspec.Struct):
    behaviorHints: _Hints | None = None
    externalUrl: str = ""
    ytId: str = ""


def target_of(stream: Stream) -> Target:
    raw = _raw(stream.raw)
    url = stream.url or ""
    if stream.kind == "youtube" and raw.ytId:
        return Elsewhere(f"https://www.youtube.com/watch?v={raw.ytId}")
    if stream.kind == "external":
        return _elsewhere(raw.externalUrl or url)
    if stream.kind != "url":
        return Nowhere(_KINDS.get(stream.kind, "The hub can't play this kind of source."))
    found = _PLAY.fullmatch(url)
    if found is not None:
        return Own(_KIND[found["kind"]], int(found["item"]), (found["ending"] or "").lower())
    if not url.lower().startswith(("http://", "https://")):
        return Nowhere("This source's address is for another kind of player.")
    return Link(url, _headers(raw))


def _elsewhere(url: str) -> Target:
    if url.lower().startswith(("http://", "https://")):
        return Elsewhere(url)
    return Nowhere("This source opens in an app that the browser doesn't know.")


def _raw(data: bytes) -> _Raw:
    try:
        return msgspec.json.decode(data, type=_Raw)
    except (msgspec.DecodeError, UnicodeError):
        return _Raw()


def _headers(raw: _Raw) -> tuple[tuple[str, str], ...]:
    proxy = raw.behaviorHints.proxyHeaders if raw.behaviorHints is not None else None
    wanted = proxy.request if proxy is not None else {}
    return tuple(
        (name, value)
        for name, value in list(wanted.items())[:MOST_HEADERS]
        if _NAME.fullmatch(name)
        and name.lower() not in _OURS
        and len(value) <= LONGEST_HEADER
        and value.isprintable()
        and value.isascii()
    )

"""What streaming says: the sources of a video, in the order to try them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

PLAYING = "/internal/streaming/playing"


class StreamFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source says of itself, in its name, its text or its hints; what it does not say is absent.

    `resolution` in lines. `quality`: remux, bluray, web-dl, webrip, hdtv, dvd, screener, telecine, telesync
    or cam. `codec`: h264, hevc, av1, vp9, mpeg4 or mpeg2. `hdr`: dv, hdr10+, hdr10, hlg or hdr, best first.
    `audio`: atmos, truehd, dts:x, dts-hd, dts, flac, eac3, ac3, aac, opus, mp3 or pcm, best first.
    `channels`: 7.1, 5.1, 2.0 or the like. `languages`: two letters each, or multi. `bitrate_bps`: of the
    whole file. `seasons` and `episodes`: all that are in it.
    """

    resolution: int | None = None
    quality: str | None = None
    codec: str | None = None
    hdr: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    channels: str | None = None
    languages: tuple[str, ...] = ()
    size_bytes: int | None = None
    bitrate_bps: int | None = None
    group: str | None = None
    edition: str | None = None
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    container: str | None = None


class StreamAlternative(msgspec.Struct, frozen=True, kw_only=True):
    """The same file from elsewhere, to go on with where the source fails; by its `id` it is found as well."""

    id: str
    addon_id: str
    addon_name: str
    name: str
    kind: str
    url: str | None


class StreamView(msgspec.Struct, frozen=True, kw_only=True):
    """One source, `raw` as the addon sent it.

    `id` stays the same as long as the addon offers the same thing. `kind` is url, youtube, torrent, usenet,
    archive or external. `why` are the reasons for its place, for people.
    """

    id: str
    addon_id: str
    addon_name: str
    name: str
    description: str
    kind: str
    url: str | None
    why: tuple[str, ...]
    raw: msgspec.Raw
    facts: StreamFacts = StreamFacts()
    alternatives: tuple[StreamAlternative, ...] = ()


class DroppedStream(msgspec.Struct, frozen=True, kw_only=True):
    """What an addon offered and the list leaves out, with the reason for people."""

    addon_name: str
    name: str
    reason: str


class StreamsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Sources, the one to try first before all others.

    `problems` names the addons that did not answer in time or failed; empty means the list is whole.
    """

    items: tuple[StreamView, ...]
    problems: tuple[SourceProblem, ...] = ()
    dropped: tuple[DroppedStream, ...] = ()


class Playing(msgspec.Struct, frozen=True):
    """How many connections a profile holds at its providers, over all replicas."""

    connections: int


class StreamingClient:
    """Typed calls to the streaming service."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def streams(
        self,
        identity: Identity,
        type_: str,
        video_id: str,
        *,
        deadline: Deadline,
        codecs: Sequence[str] = (),
        bandwidth_bps: int = 0,
    ) -> StreamsPage:
        """`codecs` and `bandwidth_bps` are the player's; what it can't play or carry comes last. Without them
        nothing is known of it."""
        known = {"codecs": ",".join(codecs), "bandwidth_bps": bandwidth_bps}
        query = urlencode({name: value for name, value in known.items() if value})
        return await self.service.call(
            "GET",
            f"/api/v1/streams/{quote(type_, safe='')}/{quote(video_id, safe='')}" + (query and f"?{query}"),
            identity=identity,
            deadline=deadline,
            into=StreamsPage,
        )

    async def playing(self, identity: Identity, *, deadline: Deadline) -> int:
        """How many connections the profile holds."""
        found = await self.service.call(
            "GET", PLAYING, identity=identity.as_service(), deadline=deadline, into=Playing
        )
        return found.connections

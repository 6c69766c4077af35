"""How a source is played by one player: asked of the hub before anything is loaded."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.media import Proof

PREFIX: Final = "/internal/streaming/playback"
SUBTITLES_PREFIX: Final = "/internal/streaming/subtitles"

PlaybackMethod: TypeAlias = Literal["direct", "remux", "hls", "external", "impossible"]
"""`direct`: the file as it is. `remux`: its tracks unchanged, as HLS. `hls`: as HLS, some of it made anew,
or a playlist of its provider. `external`: another site or app plays it. `impossible`: `reason` says why."""

Word: TypeAlias = Annotated[str, msgspec.Meta(max_length=32)]


class PlayerAbilities(msgspec.Struct, frozen=True, kw_only=True):
    """What the player can. Codecs by ffmpeg's names: h264, hevc, av1, vp9; aac, mp3, ac3, eac3, opus, flac.

    `containers` are mp4 and webm in browsers; others may name mkv, ts, avi. 0 means: no bound, or not known.
    `picks_tracks`: it lets its user choose among the sounds in a file, as browsers do not.
    """

    containers: Annotated[tuple[Word, ...], msgspec.Meta(max_length=32)] = ("mp4",)
    codecs: Annotated[tuple[Word, ...], msgspec.Meta(max_length=64)] = ("h264", "aac", "mp3")
    picks_tracks: bool = False
    max_height: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    bandwidth_bps: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)] = 0


class PlaybackQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is the id of a StreamView. `start_s` is where playing begins, which is made ready first."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    player: PlayerAbilities = PlayerAbilities()
    start_s: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 0.0


class AudioTrack(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is its place among the film's sounds, in the order that an HLS player lists them."""

    id: int
    name: str
    language: str = ""
    codec: str = ""
    channels: int = 0
    is_default: bool = False


class SubtitleTrack(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is the whole of it as WebVTT; in an HLS playlist it is a rendition, too."""

    id: int
    name: str
    url: str
    language: str = ""
    is_default: bool = False
    is_forced: bool = False


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """One of the qualities of an HLS playlist, the best first. `is_original`: pictures unchanged."""

    height: int
    width: int
    bandwidth_bps: int
    is_original: bool = False


class PlaybackPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is a path below the hub's address, signed and good for half a day at least; the whole address of
    where to go if `external`; "" if `impossible`. `reason` is a sentence for people. `duration_s` is None for
    what has no end, or none that is known."""

    method: PlaybackMethod
    reason: str
    url: str = ""
    content_type: str = ""
    duration_s: float | None = None
    audio_tracks: tuple[AudioTrack, ...] = ()
    subtitle_tracks: tuple[SubtitleTrack, ...] = ()
    qualities: tuple[Quality, ...] = ()

    def __repr__(self) -> str:
        return f"PlaybackPlan(method={self.method!r}, url hidden)"


class PlaybackAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What streaming is asked by the gateway, which knows what the caller was let in by."""

    question: PlaybackQuestion
    proof: Proof


class OfferedSubtitle(msgspec.Struct, frozen=True, kw_only=True):
    """Of an addon. `language` is what it says, most often a code of two or three letters. `url` is a path
    below the hub's address, signed as a plan's is, of WebVTT."""

    language: str
    addon_name: str
    url: str

    def __repr__(self) -> str:
        return f"OfferedSubtitle(language={self.language!r}, url hidden)"


class SubtitleList(msgspec.Struct, frozen=True, kw_only=True):
    """In the order of the addons; `problems` says who of them is missing."""

    items: tuple[OfferedSubtitle, ...]
    problems: tuple[SourceProblem, ...] = ()


class SubtitlesAsked(msgspec.Struct, frozen=True, kw_only=True):
    """As `PlaybackAsked`."""

    proof: Proof


class PlaybackClient:
    """Typed calls to the streaming service."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def plan(
        self,
        identity: Identity,
        type_: str,
        video_id: str,
        question: PlaybackQuestion,
        proof: Proof,
        *,
        deadline: Deadline,
    ) -> PlaybackPlan:
        """Raises NotFound for a source that the profile has not, or no more."""
        return await self._service.call(
            "POST",
            f"{PREFIX}/{_path(type_, video_id)}",
            identity=identity.as_service(),
            deadline=deadline,
            into=PlaybackPlan,
            body=PlaybackAsked(question=question, proof=proof),
        )

    async def subtitles(
        self, identity: Identity, type_: str, video_id: str, proof: Proof, *, deadline: Deadline
    ) -> SubtitleList:
        """Those of addons: a plan has what is in the film."""
        return await self._service.call(
            "POST",
            f"{SUBTITLES_PREFIX}/{_path(type_, video_id)}",
            identity=identity.as_service(),
            deadline=deadline,
            into=SubtitleList,
            body=SubtitlesAsked(proof=proof),
        )


def _path(type_: str, video_id: str) -> str:
    return f"{quote(type_, safe='')}/{quote(video_id, safe='')}"

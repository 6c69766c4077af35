"""What is known of a film once it was looked into. Pure.

The shapes travel in signed paths, so they are small, and hold nothing that a film's maker could make long.
"""

from __future__ import annotations

from typing import Final

import msgspec

TEXT_SUBTITLES: Final = frozenset({"ass", "mov_text", "ssa", "subrip", "text", "webvtt"})
"""What can be told as WebVTT. The others are pictures."""
MOST_SOUNDS: Final = 12
MOST_SUBTITLES: Final = 24
LONGEST_NAME: Final = 40
LONGEST_S: Final = 24 * 3600.0


class Picture(msgspec.Struct, frozen=True, array_like=True):
    """`stream` is its number in the file; `width` and `height` are as it is shown. `rate` is in pictures a
    second. `cues` says that its file tells where its key pictures are, and has them often enough."""

    stream: int
    codec: str
    width: int
    height: int
    rate: float
    bitrate_bps: int
    codecs: str
    is_plain: bool
    is_hdr: bool = False
    is_interlaced: bool = False
    cues: bool = False


class Sound(msgspec.Struct, frozen=True, array_like=True):
    stream: int
    codec: str
    channels: int
    language: str
    name: str
    bitrate_bps: int
    is_default: bool = False


class Subtitle(msgspec.Struct, frozen=True, array_like=True):
    stream: int
    language: str
    name: str
    is_default: bool = False
    is_forced: bool = False


class Film(msgspec.Struct, frozen=True, array_like=True):
    """`container` is mp4, mkv, webm, ts, avi or what ffmpeg calls it. `bitrate_bps` is of all of it. Times
    here are from its beginning, which its file calls `starts_s`."""

    container: str
    duration_s: float
    size_bytes: int
    bitrate_bps: int
    starts_s: float
    picture: Picture
    sounds: tuple[Sound, ...] = ()
    subtitles: tuple[Subtitle, ...] = ()

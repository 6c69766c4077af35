"""What is known of a source, as short words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from libs.common.contracts.streaming import StreamFacts

QUALITIES: Final[Mapping[str, str]] = {
    "remux": "Remux",
    "bluray": "Blu-ray",
    "web-dl": "WEB",
    "webrip": "WEB rip",
    "hdtv": "TV",
    "dvd": "DVD",
    "screener": "Screener",
    "telecine": "Telecine",
    "telesync": "Telesync",
    "cam": "Cam",
}
CODECS: Final[Mapping[str, str]] = {
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp9": "VP9",
    "vc1": "VC-1",
    "mpeg4": "MPEG-4",
    "mpeg2": "MPEG-2",
}
_HDR: Final[Mapping[str, str]] = {
    "dv": "Dolby Vision",
    "hdr10+": "HDR10+",
    "hdr10": "HDR10",
    "hlg": "HLG",
    "hdr": "HDR",
}
_AUDIO: Final[Mapping[str, str]] = {
    "atmos": "Atmos",
    "truehd": "TrueHD",
    "dts:x": "DTS:X",
    "dts-hd": "DTS-HD",
    "dts": "DTS",
    "flac": "FLAC",
    "eac3": "Dolby Digital+",
    "ac3": "Dolby Digital",
    "aac": "AAC",
    "opus": "Opus",
    "mp3": "MP3",
    "pcm": "PCM",
}
_MOST_LANGUAGES: Final = 5


def badges(facts: StreamFacts) -> tuple[str, ...]:
    """Picture, sound, languages, size: in that order, and nothing that isn't known."""
    return tuple(_each(facts))


def _each(facts: StreamFacts) -> Iterator[str]:
    if facts.resolution is not None:
        yield f"{facts.resolution}p"
    if facts.quality is not None:
        yield QUALITIES.get(facts.quality, facts.quality)
    yield from (_HDR.get(each, each) for each in facts.hdr)
    if facts.codec is not None:
        yield CODECS.get(facts.codec, facts.codec)
    sound = [_AUDIO.get(facts.audio[0], facts.audio[0])] if facts.audio else []
    if sound or facts.channels:
        yield " ".join([*sound, *([facts.channels] if facts.channels else [])])
    if facts.languages:
        named = ["Multi" if each == "multi" else each.upper() for each in facts.languages]
        more = f" +{len(named) - _MOST_LANGUAGES}" if len(named) > _MOST_LANGUAGES else ""
        yield " ".join(named[:_MOST_LANGUAGES]) + more
    if facts.edition:
        yield facts.edition
    if facts.seasons and not facts.episodes:
        yield "Whole season" if len(facts.seasons) == 1 else "Several seasons"
    if facts.size_bytes:
        yield size_words(facts.size_bytes)


def size_words(size_bytes: int) -> str:
    if size_bytes >= 1024**3:
        return f"{size_bytes / 1024**3:.1f} GB"
    return f"{max(1, round(size_bytes / 1024**2))} MB"

"""What ffprobe tells of a file, read into a film. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import msgspec

from libs.protocols.text import printable
from services.streaming.hls.codecs import codecs_of, extradata_of
from services.streaming.hls.film import (
    LONGEST_NAME,
    LONGEST_S,
    MOST_SOUNDS,
    MOST_SUBTITLES,
    TEXT_SUBTITLES,
    Film,
    Picture,
    Sound,
    Subtitle,
)

MOST_PIXELS: Final = 36_000_000
"""Of one picture: 8K of cinemas has fewer. A decoder holds a good dozen of them."""
_PLAIN: Final = {
    "h264": frozenset({"yuv420p", "yuvj420p"}),
    "hevc": frozenset({"yuv420p", "yuv420p10le"}),
    "vp9": frozenset({"yuv420p"}),
    "av1": frozenset({"yuv420p", "yuv420p10le"}),
}
_WEBM: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
_HDR: Final = frozenset({"smpte2084", "arib-std-b67"})
_UNSAID: Final = frozenset({"und", "mis", "zxx", "mul"})


class NoFilm(ValueError):
    """The sentence says what it is instead."""


class _Tags(msgspec.Struct):
    language: str = ""
    title: str = ""
    BPS: str = ""
    bps_eng: str = msgspec.field(default="", name="BPS-eng")


class _Disposition(msgspec.Struct):
    default: int = 0
    forced: int = 0
    attached_pic: int = 0


class _Side(msgspec.Struct):
    rotation: float = 0.0


class _Stream(msgspec.Struct):
    index: int
    codec_type: str = ""
    codec_name: str = ""
    profile: str = ""
    level: int = 0
    width: int = 0
    height: int = 0
    pix_fmt: str = ""
    sample_aspect_ratio: str = "1:1"
    r_frame_rate: str = "0/0"
    avg_frame_rate: str = "0/0"
    bit_rate: str = ""
    channels: int = 0
    color_transfer: str = ""
    field_order: str = ""
    extradata: str = ""
    tags: _Tags = msgspec.field(default_factory=_Tags)
    disposition: _Disposition = msgspec.field(default_factory=_Disposition)
    side_data_list: list[_Side] = []


class _Format(msgspec.Struct):
    format_name: str = ""
    duration: str = ""
    size: str = ""
    bit_rate: str = ""
    start_time: str = ""


class _Told(msgspec.Struct):
    streams: list[_Stream] = []
    format: _Format = msgspec.field(default_factory=_Format)


def film_of(told: bytes) -> Film:
    """Raises NoFilm."""
    try:
        found = msgspec.json.decode(told, type=_Told, strict=False)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise NoFilm("its file is damaged, or of an unknown form") from error
    if not found.format.format_name:
        raise NoFilm("its file is damaged, or of an unknown form")
    shown = [
        each for each in found.streams if each.codec_type == "video" and not each.disposition.attached_pic
    ]
    if not shown or not shown[0].width or not shown[0].height:
        raise NoFilm("there are no pictures in it")
    duration_s = _number(found.format.duration)
    if not 0 < duration_s <= LONGEST_S:
        raise NoFilm("it has no end, or none that its file tells")
    sounds = [each for each in found.streams if each.codec_type == "audio" and each.codec_name]
    texts = [each for each in found.streams if each.codec_name in TEXT_SUBTITLES]
    size = int(_number(found.format.size))
    whole_bps = int(_number(found.format.bit_rate)) or int(size * 8 / duration_s)
    heard = tuple(_sound(each) for each in sounds[:MOST_SOUNDS])
    return Film(
        container=_container(found.format.format_name, found.streams),
        duration_s=duration_s,
        size_bytes=size,
        bitrate_bps=whole_bps,
        starts_s=_number(found.format.start_time),
        picture=_picture(shown[0], whole_bps - sum(sound.bitrate_bps for sound in heard)),
        sounds=heard,
        subtitles=tuple(_subtitle(each) for each in texts[:MOST_SUBTITLES]),
    )


def _picture(stream: _Stream, left_bps: int) -> Picture:
    width, height = _shown_size(stream)
    if max(width * height, stream.width * stream.height) > MOST_PIXELS:
        raise NoFilm("its pictures are larger than any screen")
    rate = _fraction(stream.avg_frame_rate) or _fraction(stream.r_frame_rate) or 25.0
    return Picture(
        stream=stream.index,
        codec=stream.codec_name,
        width=width,
        height=height,
        rate=round(min(max(rate, 0.1), 240.0), 3),
        bitrate_bps=max(_bitrate(stream) or left_bps, 0),
        codecs=codecs_of(
            stream.codec_name,
            profile=stream.profile,
            level=stream.level,
            extradata=extradata_of(stream.extradata),
        ),
        is_plain=stream.pix_fmt in _PLAIN.get(stream.codec_name, frozenset({"yuv420p"})),
        is_hdr=stream.color_transfer in _HDR,
        is_interlaced=stream.field_order in ("tt", "bb", "tb", "bt"),
    )


def _shown_size(stream: _Stream) -> tuple[int, int]:
    width, height = stream.width, stream.height
    aspect = _fraction(stream.sample_aspect_ratio.replace(":", "/")) or 1.0
    if 0.1 < aspect < 10:
        width = round(width * aspect)
    turned = any(round(abs(side.rotation)) % 180 == 90 for side in stream.side_data_list)
    return (height, width) if turned else (width, height)


def _sound(stream: _Stream) -> Sound:
    return Sound(
        stream=stream.index,
        codec=stream.codec_name,
        channels=max(stream.channels, 1),
        language=_language(stream),
        name=_name(stream),
        bitrate_bps=_bitrate(stream),
        is_default=bool(stream.disposition.default),
    )


def _subtitle(stream: _Stream) -> Subtitle:
    return Subtitle(
        stream=stream.index,
        language=_language(stream),
        name=_name(stream),
        is_default=bool(stream.disposition.default),
        is_forced=bool(stream.disposition.forced),
    )


def _container(name: str, streams: Sequence[_Stream]) -> str:
    first = name.partition(",")[0]
    if first == "matroska":
        told = {each.codec_name for each in streams if each.codec_type in ("audio", "video")}
        return "webm" if told <= _WEBM else "mkv"
    return {"mov": "mp4", "mpegts": "ts"}.get(first, first[:LONGEST_NAME])


def _language(stream: _Stream) -> str:
    language = stream.tags.language.lower()
    known = language.isascii() and language.replace("-", "").isalnum() and 2 <= len(language) <= 8
    return language if known and language not in _UNSAID else ""


def _name(stream: _Stream) -> str:
    return printable(stream.tags.title)[:LONGEST_NAME]


def _bitrate(stream: _Stream) -> int:
    return int(_number(stream.bit_rate) or _number(stream.tags.BPS) or _number(stream.tags.bps_eng))


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if -1e15 < number < 1e15 else 0.0


def _fraction(text: str) -> float:
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        return 0.0

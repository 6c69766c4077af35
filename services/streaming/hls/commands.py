"""What ffmpeg and ffprobe are told. Lists of arguments, never a shell; pure.

They open one address alone, by one protocol, in forms of file that name no other: a playlist, or a list of
files to put together, is none of them, so that nothing a film says leads anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.streaming.hls.film import Picture
from services.streaming.hls.ladder import FASTEST, SEGMENT_S, Rung

OFFSET_S: Final = 10
"""Added to all times that ffmpeg writes, and taken away again: coders begin before what they show."""
SAMPLE_RATE: Final = 48_000
_FRAME: Final = 1024
"""Samples in one piece of AAC."""
_LEAD_FRAMES: Final = 4
"""Pieces made before those that are wanted: a coder needs some to get under way."""
_SOUGHT_BEFORE_S: Final = 0.5
FORMATS: Final = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpegts,mpeg,avi,flv,asf,ogg,wtv,nut,rm,mxf"
_THREADS: Final = ("-threads", "2")
"""For each coder. More would decode more pictures at once, and hold them."""
_PROBE_BYTES: Final = 10_000_000
_ANALYZE_US: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Input:
    """What ffmpeg opens: `file` or `http`, of this machine alone. `descriptors` are what it needs of ours."""

    protocol: str
    address: str
    descriptors: tuple[int, ...] = ()

    @classmethod
    def of_descriptor(cls, descriptor: int) -> Input:
        return cls("file", f"file:/dev/fd/{descriptor}", (descriptor,))

    @classmethod
    def of_feed(cls, url: str) -> Input:
        return cls("http", url)

    def arguments(self) -> list[str]:
        protocols = "file" if self.protocol == "file" else "http,tcp"
        return ["-protocol_whitelist", protocols, "-format_whitelist", FORMATS, "-i", self.address]


def probe(source: Input) -> list[str]:
    shown = (
        "format=format_name,duration,size,bit_rate,start_time:"
        "stream=index,codec_type,codec_name,profile,level,width,height,pix_fmt,sample_aspect_ratio,"
        "r_frame_rate,avg_frame_rate,bit_rate,channels,color_transfer,field_order,extradata:"
        "stream_tags=language,title,BPS,BPS-eng:stream_disposition=default,forced,attached_pic:"
        "stream_side_data=rotation"
    )
    head = [
        "-v",
        "error",
        "-hide_banner",
        "-probesize",
        str(_PROBE_BYTES),
        "-analyzeduration",
        str(_ANALYZE_US),
    ]
    return [*head, "-print_format", "json", "-show_data", "-show_entries", shown, *source.arguments()]


def made_picture(source: Input, picture: Picture, rung: Rung, start_s: float) -> list[str]:
    """Pictures made anew from `start_s` on, with a key picture at each multiple of SEGMENT_S."""
    keys = f"floor((t+0.001)/{SEGMENT_S})"
    was = f"floor((prev_forced_t+0.001)/{SEGMENT_S})"
    return [
        *_from(source, max(0.0, start_s - 0.001)),
        *_only(picture.stream),
        *("-vf", _filters(picture, rung), "-fps_mode", "vfr"),
        *("-c:v", "libx264", *_THREADS, "-preset", "veryfast"),
        *("-profile:v", "high", "-pix_fmt", "yuv420p"),
        *("-level", f"{rung.level // 10}.{rung.level % 10}", "-b:v", str(rung.average_bps)),
        *("-maxrate", str(rung.most_bps), "-bufsize", str(rung.most_bps)),
        *("-g", "100000", "-sc_threshold", "0"),
        *("-force_key_frames", f"expr:if(isnan(prev_forced_t),1,gt({keys},{was}))"),
        *("-video_track_timescale", "90000"),
        *_fragments(),
    ]


def copied_picture(source: Input, picture: Picture, start_s: float) -> list[str]:
    """Pictures as they are, from the last key picture at or before `start_s` on."""
    tag = ("-tag:v", "hvc1") if picture.codec == "hevc" else ()
    # A little behind, so that rounding does not lead to the key picture before.
    return [
        *_from(source, start_s + 0.01 if start_s else 0.0),
        *_only(picture.stream),
        *("-c", "copy", *tag, "-video_track_timescale", "90000"),
        *_fragments(),
    ]


def made_sound(source: Input, stream: int, start_s: float) -> list[str]:
    """Sound made anew, two channels of AAC, from a little before `start_s` on.

    Its pieces lie on one grid wherever a run begins, so that those of one run follow those of another. The
    rate is changed before: `first_pts` counts samples of what comes in, whatever its description says.
    """
    first = max(0, int(start_s * SAMPLE_RATE) // _FRAME - _LEAD_FRAMES) * _FRAME
    grid = f"aresample={SAMPLE_RATE},aresample=async=1:min_hard_comp=0.01:first_pts={first}"
    return [
        *_from(source, max(0.0, first / SAMPLE_RATE - _SOUGHT_BEFORE_S)),
        *_only(stream),
        *("-af", grid, "-ac", "2", "-c:a", "aac", "-b:a", "160k"),
        *_fragments(),
    ]


def copied_sound(source: Input, stream: int, start_s: float) -> list[str]:
    return [*_from(source, max(0.0, start_s - 1)), *_only(stream), "-c", "copy", *_fragments()]


def subtitles(source: Input, stream: int, start_s: float, length_s: float | None) -> list[str]:
    """As WebVTT, times as they are in the film."""
    until = () if length_s is None else ("-t", f"{length_s:.3f}")
    return [
        *_from(source, start_s, *until),
        *_only(stream),
        *("-f", "webvtt", "-flush_packets", "1", "pipe:1"),
    ]


def _from(source: Input, start_s: float, *more: str) -> list[str]:
    sought = ("-ss", f"{start_s:.6f}") if start_s > 0 else ()
    head = ("-nostdin", "-hide_banner", "-v", "error", "-copyts", "-start_at_zero", "-filter_threads", "2")
    return [*head, *sought, *more, *_THREADS, *source.arguments()]


def _only(stream: int) -> list[str]:
    return ["-map", f"0:{stream}", "-map_metadata", "-1", "-map_chapters", "-1"]


def _fragments() -> list[str]:
    flags = "+delay_moov+empty_moov+default_base_moof+frag_every_frame+frag_discont"
    times = ("-output_ts_offset", str(OFFSET_S), "-avoid_negative_ts", "disabled", "-use_editlist", "0")
    return [*times, "-max_muxing_queue_size", "4096", "-f", "mp4", "-movflags", flags, "pipe:1"]


def _filters(picture: Picture, rung: Rung) -> str:
    filters = ["yadif"] if picture.is_interlaced else []
    if picture.rate > FASTEST:
        filters.append(f"fps={rung.rate:.3f}")
    filters.append(f"scale={rung.width}:{rung.height}:flags=bicubic")
    if picture.is_hdr:
        filters += ["zscale=t=linear:npl=100", "format=gbrpf32le", "zscale=p=bt709"]
        filters += ["tonemap=hable:desat=0", "zscale=t=bt709:m=bt709:r=tv"]
    return ",".join([*filters, "setsar=1", "format=yuv420p"])

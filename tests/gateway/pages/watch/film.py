"""Films as ffmpeg makes them, small enough to be made for a test."""

from __future__ import annotations

import subprocess
from pathlib import Path

SECONDS = 40


def make_film(folder: Path) -> None:
    """`film.mp4`, which plays as it is, and the same as HLS in two qualities from `master.m3u8` on."""
    picture, sound = f"testsrc2=size=320x180:rate=12:duration={SECONDS}", f"sine=duration={SECONDS}"
    film = folder / "film.mp4"
    encoding = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "24", "-c:a", "aac")
    _ffmpeg(
        *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound),
        *(*encoding, "-movflags", "+faststart", str(film)),
    )
    _ffmpeg(
        *("-i", str(film), "-filter_complex", "[0:v]scale=160:90[low]"),
        *("-map", "0:v", "-map", "0:a", "-map", "[low]", "-map", "0:a", *encoding),
        *("-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
        *("-hls_fmp4_init_filename", "init-%v.mp4", "-master_pl_name", "master.m3u8"),
        *("-var_stream_map", "v:0,a:0 v:1,a:1", str(folder / "quality-%v.m3u8")),
    )


def make_foreign(folder: Path) -> None:
    """`foreign.mkv`: the same film, larger, in a form that no browser reads."""
    _ffmpeg(
        *("-i", str(folder / "film.mp4"), "-vf", "scale=854:480", "-r", "24"),
        *("-c:v", "mpeg2video", "-g", "24", "-c:a", "ac3"),
        str(folder / "foreign.mkv"),
    )


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *arguments], check=True, timeout=60)

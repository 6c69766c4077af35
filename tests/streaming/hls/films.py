"""Films that ffmpeg makes for a test run: short, small, of many kinds; and a server that has them."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

LENGTH_S = 12
_PICTURE = f"testsrc2=size=320x180:rate=24000/1001:duration={LENGTH_S}"
_WEST = f"sine=frequency=440:sample_rate=48000:duration={LENGTH_S}"
_EAST = f"sine=frequency=660:sample_rate=44100:duration={LENGTH_S}"
_TEXT = (
    "1\n00:00:01,000 --> 00:00:03,000\nFirst words\n\n2\n00:00:09,000 --> 00:00:11,000\nLast <i>words</i>\n"
)


def make_films(folder: Path) -> None:
    """`two.mkv`: H.264, AC-3 and AAC, two subtitles. `plain.mp4`, and `hevc.mkv` with one of AAC. `still.mkv`
    has one key picture."""
    text = folder / "words.srt"
    text.write_text(_TEXT)
    _ffmpeg(
        *("-f", "lavfi", "-i", _PICTURE, "-f", "lavfi", "-i", _WEST, "-f", "lavfi", "-i", _EAST),
        *("-i", str(text), "-i", str(text)),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4"),
        *("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-pix_fmt", "yuv420p"),
        *("-c:a:0", "ac3", "-c:a:1", "aac", "-c:s:0", "subrip", "-c:s:1", "ass"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"),
        *(
            "-metadata:s:s:0",
            "language=eng",
            "-metadata:s:s:1",
            "language=fra",
            "-metadata:s:s:1",
            "title=Tout",
        ),
        str(folder / "two.mkv"),
    )
    _ffmpeg(
        *("-i", str(folder / "two.mkv"), "-map", "0:v", "-map", "0:a:1", "-c", "copy"),
        *("-movflags", "+faststart", str(folder / "plain.mp4")),
    )
    _ffmpeg(
        *("-f", "lavfi", "-i", _PICTURE, "-f", "lavfi", "-i", _WEST, "-c:v", "libx265"),
        *("-preset", "ultrafast", "-x265-params", "log-level=none:keyint=48", "-c:a", "aac"),
        str(folder / "hevc.mkv"),
    )
    # As long as a film part, and made in a second.
    _ffmpeg(
        *("-stream_loop", "9", "-i", str(folder / "hevc.mkv"), "-c", "copy", str(folder / "long.mkv")),
    )
    _ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=4:duration=40", "-c:v", "libx264"),
        *("-preset", "ultrafast", "-g", "100000", "-pix_fmt", "yuv420p", str(folder / "still.mkv")),
    )
    whole = (folder / "two.mkv").read_bytes()
    (folder / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    _ffmpeg(
        *("-i", str(folder / "plain.mp4"), "-c", "copy", "-t", "4"),
        *("-f", "mpegts", str(folder / "live.ts")),
    )
    (folder / "words.mp4").write_text("These are words, and no film.\n" * 200)


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)


@dataclass
class FilmServer:
    """Sends files below `folder` with ranges, and what is in `answers` with its type; remembers questions.

    A range that is in `drips` it sends a byte at a time, without end. Whoever asks for what is in `silent`
    waits."""

    folder: Path
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    drips: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=lambda: {"silent.mkv"})
    dripping: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{name}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append((name, dict(request.headers)))
        if name in self.answers:
            content_type, body = self.answers[name]
            return web.Response(body=body, content_type=content_type)
        if name in self.drips and self.drips[name] == request.headers.get("Range"):
            return await self._drip(request)
        if name == "endless.ts":
            return await self._endless(request)
        if name in self.silent:
            await asyncio.Event().wait()
        path = self.folder / name
        return web.FileResponse(path) if path.is_file() else web.Response(status=404)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=206, headers={"Content-Type": "video/mp4"})
        await response.prepare(request)
        self.dripping += 1
        try:
            while True:
                await response.write(b"x")
                await asyncio.sleep(0.05)
        finally:
            self.dripping -= 1

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "video/mp2t"})
        await response.prepare(request)
        piece = (self.folder / "live.ts").read_bytes()
        while True:
            await response.write(piece)

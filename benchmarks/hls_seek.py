"""A jump to an untouched place of a film of two hours: how long until the first segment is there."""

from __future__ import annotations

import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call, wait_for
from services.streaming.hls.commands import Input, made_picture
from services.streaming.hls.film import Picture
from services.streaming.hls.ladder import SEGMENT_S, Rung
from services.streaming.hls.processes import NICENESS
from tests.harness.hub import UNLIMITED, running

FILM = "tt0000007"
MINUTES = 120
ROUNDS = 5
PLAYER = {"containers": ["mp4"], "codecs": ["vp9", "opus"]}
"""Can show nothing of the film, so that all of it is made anew."""


def measure() -> list[Figure]:
    """Each round jumps to a place where nothing was made yet, and lets ffmpeg make the same by itself."""
    with tempfile.TemporaryDirectory() as folder:
        films = Path(folder) / "films"
        films.mkdir()
        film = _film(films)
        variables = {**UNLIMITED, "HEADGATE_MEDIA_DIR": str(films)}
        with running("embedded", variables, Path(folder)) as hub:
            token = owner.sign_in(hub.url)
            below = f"{hub.url}{_planned(hub.url, token)}".removesuffix("master.m3u8")
            picture, rung = _as_told(below)
            rounds = []
            for turn in range(ROUNDS + 1):
                number = 150 + turn * 200
                ours = _jumped(below, number)
                _rests()
                rounds.append((ours, _alone(film, picture, rung, number * SEGMENT_S)))
    # The first looks at everything for the first time.
    ratio = median(ours / floor for ours, floor in rounds[1:])
    ours_ms, floor_ms = (1000 * median(column) for column in zip(*rounds[1:], strict=True))
    note = (
        f"{ours_ms:.0f} ms against {floor_ms:.0f} ms of ffmpeg alone, pictures and sound of one segment of "
        f"{SEGMENT_S} s, p50 of {ROUNDS} places, {rung.width}x{rung.height}, {MINUTES} min, embedded"
    )
    return [Figure("jump in a film that is converted", ratio, "×", "at most", 2, note)]


def _film(folder: Path) -> Path:
    """Made of one minute, again and again: pictures of 720 lines, a key picture every two seconds."""
    minute, film = folder.parent / "minute.mkv", folder / f"Long film {{imdb-{FILM}}}.mkv"
    _ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=24:duration=60"),
        *("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=60"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-b:v", "600k", "-pix_fmt", "yuv420p"),
        *("-c:a", "ac3", "-b:a", "128k", str(minute)),
    )
    _ffmpeg("-stream_loop", str(MINUTES - 1), "-i", str(minute), "-c", "copy", str(film))
    return film


def _planned(base: str, token: str) -> str:
    def listed() -> bool:
        return bool(_sources(base, token))

    wait_for(listed, "the folder of films")
    question = {"source": _sources(base, token)[0]["id"], "player": PLAYER}
    plan: Any = call("POST", f"{base}/api/v1/playback/movie/{FILM}", question, token)
    if plan["method"] != "hls":
        raise RuntimeError(plan["reason"])
    return str(plan["url"])


def _sources(base: str, token: str) -> list[dict[str, Any]]:
    page: Any = call("GET", f"{base}/api/v1/streams/movie/{FILM}", token=token)
    return list(page["items"])


def _as_told(below: str) -> tuple[Picture, Rung]:
    """The first quality, so that ffmpeg alone makes the very same."""
    master = _read(f"{below}master.m3u8").decode()
    line = next(line for line in master.splitlines() if line.startswith("#EXT-X-STREAM-INF"))
    said = dict(part.split("=", 1) for part in line.partition(":")[2].split(",") if "=" in part)
    width, height = (int(length) for length in said["RESOLUTION"].split("x"))
    sound_bps = 160_000
    rung = Rung(width, height, 24, int(said["AVERAGE-BANDWIDTH"]) - sound_bps, "", 31)
    return Picture(0, "h264", width, height, 24, 0, "", True), rung


def _jumped(below: str, number: int) -> float:
    """What a player asks for then, of pictures and of sound at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as both:
        for data in both.map(_read, (f"{below}v0-{number}.m4s", f"{below}a0-{number}.m4s")):
            if len(data) < 1000:
                raise RuntimeError(f"a segment of {len(data)} bytes")
    return time.perf_counter() - began


def _alone(film: Path, picture: Picture, rung: Rung, start_s: float) -> float:
    """ffmpeg with the same words, as gently, until that segment ends, and with its sound."""
    words = made_picture(Input("file", f"file:{film}"), picture, rung, start_s)
    at = words.index("-map")
    ends = ["-map", "0:1", "-c:a", "aac", "-b:a", "160k", "-ac", "2", "-to", str(start_s + SEGMENT_S)]
    began = time.perf_counter()
    gently = ["nice", "-n", NICENESS, "ffmpeg"]
    subprocess.run([*gently, *words[:at], *ends, *words[at:]], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _rests() -> None:
    """Until what is made ahead is made: it is to cost nobody else anything here."""
    before: list[float] = []

    def rests() -> bool:
        spent = _spent_s()
        has_rested = bool(before) and spent - before[-1] < 0.02
        before.append(spent)
        return has_rested

    wait_for(rests, "segments made ahead", limit_s=60, every_s=1)


def _spent_s() -> float:
    """Processor time of all programs of that name, in seconds."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        if name.endswith("(ffmpeg"):
            total += sum(int(ticks) for ticks in rest.split()[11:13])
    return total / 100


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        found: bytes = answer.read()
    return found


def _ffmpeg(*words: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words], check=True)

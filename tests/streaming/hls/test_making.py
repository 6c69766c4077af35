"""Films made into HLS by the hub, read by players that nobody here wrote."""

from __future__ import annotations

import asyncio
import csv
import itertools
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from libs.common.contracts.playback import PlaybackPlan
from tests.streaming.hls.conftest import BROWSER, Playing
from tests.streaming.hls.films import LENGTH_S

FRAME_S = 1001 / 24000


async def read_by(program: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-2000:]
    return told.decode()


async def times_of(address: str) -> dict[str, list[tuple[float, float]]]:
    """When the packets of each kind are shown and decoded, in the order in which they come."""
    shown = "packet=codec_type,pts_time,dts_time"
    told = await read_by("ffprobe", "-v", "fatal", "-show_entries", shown, "-of", "csv=p=0", address)
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in csv.reader(told.splitlines()):
        found[row[0]].append((float(row[1]), float(row[2])))
    return found


def gaps(times: list[float]) -> tuple[float, float]:
    """The shortest and the longest way from one to the next."""
    steps = [after - before for before, after in itertools.pairwise(times)]
    return min(steps), max(steps)


def below(plan: PlaybackPlan, file: str) -> str:
    return plan.url.rpartition("/")[0] + "/" + file


async def test_pictures_stay_as_they_are_and_sound_that_the_player_cannot_play_is_made(
    playing: Playing,
) -> None:
    plan = await playing.plan("two.mkv")
    assert (plan.method, plan.content_type) == ("hls", "application/vnd.apple.mpegurl")
    assert plan.reason == "Converted while it plays, since the sound is AC3, which the player can't play."
    assert plan.duration_s == pytest.approx(LENGTH_S, abs=0.1)
    assert [(track.language, track.codec) for track in plan.audio_tracks] == [("eng", "ac3"), ("fra", "aac")]
    assert [track.name for track in plan.subtitle_tracks] == ["eng", "Tout"]
    assert [quality.is_original for quality in plan.qualities] == [True]
    times = await times_of(playing.address(plan.url))
    pictures = sorted(shown for shown, _ in times["video"])
    assert len(pictures) == pytest.approx(LENGTH_S / FRAME_S, abs=1)
    assert gaps(pictures) == pytest.approx((FRAME_S, FRAME_S), abs=0.002)


async def test_segments_of_several_runs_follow_each_other_without_a_gap(playing: Playing) -> None:
    plan = await playing.plan("hevc.mkv")
    assert [(quality.height, quality.is_original) for quality in plan.qualities] == [(180, False)]
    # Backwards, so that each is made by a run of its own.
    inits = set()
    for number in (2, 1, 0):
        for track in ("v0", "a0"):
            await playing.body(below(plan, f"{track}-{number}.m4s"))
            inits.add((track, await playing.body(below(plan, f"{track}.mp4"))))
    assert len(inits) == 2
    times = await times_of(playing.address(plan.url))
    pictures, sounds = sorted(shown for shown, _ in times["video"]), [shown for shown, _ in times["audio"]]
    assert len(pictures) == pytest.approx(LENGTH_S / FRAME_S, abs=1)
    assert gaps(pictures) == pytest.approx((FRAME_S, FRAME_S), abs=0.002)
    assert gaps(sounds) == pytest.approx((1024 / 48000, 1024 / 48000), abs=0.001)
    assert gaps([decoded for _, decoded in times["video"]])[0] > 0
    # Each begins with a key picture, where its playlist says.
    listed = (await playing.body(below(plan, "v0.m3u8"))).decode()
    assert re.findall(r"#EXTINF:([\d.]+)", listed)[:2] == ["4.000000"] * 2
    assert listed.endswith("#EXT-X-ENDLIST\n")


async def test_what_a_playlist_says_of_a_quality_is_true(playing: Playing) -> None:
    plan = await playing.plan("hevc.mkv")
    master = (await playing.body(plan.url)).decode()
    said = dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,\s]+)', master.split("#EXT-X-STREAM-INF:")[1]))
    assert (said["RESOLUTION"], said["FRAME-RATE"]) == ("320x180", "23.976")
    init = await playing.body(below(plan, "v0.mp4"))
    at = init.index(b"avcC")
    assert said["CODECS"] == f'"avc1.{init[at + 5 : at + 8].hex()},mp4a.40.2"'
    sizes = [
        len(await playing.body(below(plan, f"v0-{number}.m4s")))
        + len(await playing.body(below(plan, f"a0-{number}.m4s")))
        for number in range(3)
    ]
    assert max(sizes) * 8 / 4 <= int(said["BANDWIDTH"])
    assert sum(sizes) * 8 / LENGTH_S <= int(said["AVERAGE-BANDWIDTH"]) * 1.1


async def test_mpv_plays_it_to_its_end(playing: Playing) -> None:
    plan = await playing.plan("hevc.mkv")
    told = await read_by(
        "mpv",
        *("--no-config", "--vo=null", "--ao=null", "--untimed"),
        *("--term-status-msg=at ${=time-pos} of ${=duration}", playing.address(plan.url)),
    )
    lasts = re.findall(r"at ([\d.]+) of ([\d.]+)", told)
    assert float(lasts[-1][1]) == pytest.approx(LENGTH_S, abs=0.5)
    assert float(lasts[-1][0]) > LENGTH_S - 2


async def test_subtitles_are_told_in_pieces_and_as_a_whole(playing: Playing) -> None:
    plan = await playing.plan("two.mkv")
    status, headers, whole = await playing.get(plan.subtitle_tracks[0].url)
    assert (status, headers["Content-Type"]) == (200, "text/vtt")
    assert whole.startswith(b"WEBVTT")
    assert b"First words" in whole
    assert b"Last <i>words</i>" in whole
    piece = (await playing.body(below(plan, "s1-0.vtt"))).decode()
    assert "X-TIMESTAMP-MAP=MPEGTS:90000,LOCAL:00:00:00.000" in piece
    assert "First words" in piece


async def test_a_segment_may_be_had_in_part_and_its_size_without_it(playing: Playing) -> None:
    plan = await playing.plan("hevc.mkv")
    whole = await playing.body(below(plan, "v0-0.m4s"))
    status, headers, part = await playing.get(below(plan, "v0-0.m4s"), Range="bytes=10-19")
    assert (status, part) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert headers["Access-Control-Allow-Origin"] == "*"
    status, headers, _ = await playing.get(below(plan, "v0-0.m4s"), method="HEAD")
    assert (status, headers["Content-Length"], headers["Content-Type"]) == (200, str(len(whole)), "video/mp4")
    status, headers, _ = await playing.get(below(plan, "v0-0.m4s"), Range=f"bytes={len(whole)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


async def test_what_the_player_can_play_is_passed_on_as_it_is(playing: Playing, films: Path) -> None:
    plan = await playing.plan("plain.mp4")
    assert (plan.method, plan.content_type, plan.qualities) == ("direct", "video/mp4", ())
    whole = (films / "plain.mp4").read_bytes()
    assert await playing.body(plan.url) == whole
    status, headers, part = await playing.get(plan.url, Range="bytes=100-199")
    assert (status, part, headers["Content-Type"]) == (206, whole[100:200], "video/mp4")
    assert headers["Content-Range"] == f"bytes 100-199/{len(whole)}"


async def test_only_the_container_is_changed_where_only_that_is_in_the_way(playing: Playing) -> None:
    player = type(BROWSER)(codecs=(*BROWSER.codecs, "ac3"))
    plan = await playing.plan("two.mkv", player=player)
    assert plan.method == "remux"
    assert "mp4a.40.2" in (await playing.body(plan.url)).decode()
    told = await read_by(
        "ffprobe",
        *("-v", "fatal", "-show_entries", "stream=codec_name", "-of", "json", playing.address(plan.url)),
    )
    assert sorted(each["codec_name"] for each in json.loads(told)["streams"]) == ["aac", "ac3", "h264"]

"""Sources that send a byte now and then: whoever asked is told, and nothing goes on for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.tasks import Tasks
from services.streaming.hls import origins, planning, probe
from services.streaming.hls.keyframes import HEAD_BYTES
from services.streaming.hls.origins import SNIFFED_BYTES
from services.streaming.keys import HLS
from tests.streaming.hls.conftest import Playing, playing_with
from tests.streaming.hub import OWNER
from tests.waiting import until

FIRST = f"bytes=0-{SNIFFED_BYTES - 1}"
HEAD = f"bytes=0-{HEAD_BYTES - 1}"


async def test_one_that_drips_is_told_as_too_slow(playing: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "WITHIN_S", 0.3)
    playing.films.drips["plain.mp4"] = FIRST
    plan = await playing.plan("plain.mp4")
    assert (plan.method, plan.reason) == ("impossible", "The source is too slow.")


async def begins_after_ms(playing: Playing, name: str) -> int:
    """Once that is known of what the addon offers."""
    addon_id = playing.service.catalog.sources[0].id
    known: list[int] = []

    async def is_known() -> bool:
        times = await playing.service.running.app[HLS].planner.starts.of(OWNER)
        ms = times.ms(addon_id, f"{playing.films_url}/{name}")
        known.extend([] if ms is None else [ms])
        return ms is not None

    await until(is_known)
    return known[0]


async def test_how_long_a_source_took_to_begin_is_known_to_the_next_process(
    tmp_path: Path, films: Path
) -> None:
    async with playing_with(tmp_path, films) as playing:
        for _ in range(2):
            assert (await playing.plan("plain.mp4")).method == "direct"
        took_ms = await begins_after_ms(playing, "plain.mp4")
    async with playing_with(tmp_path, films) as playing:
        assert await begins_after_ms(playing, "plain.mp4") == pytest.approx(took_ms, abs=1)


async def test_one_that_is_given_up_began_late(playing: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "WITHIN_S", 0.3)
    monkeypatch.setattr(planning, "SLOW_S", 0.2)
    playing.films.drips["plain.mp4"] = FIRST
    for _ in range(2):
        await playing.plan("plain.mp4")
    assert await begins_after_ms(playing, "plain.mp4") >= 200


async def test_one_whose_tables_drip_is_converted(playing: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "KEYS_WITHIN_S", 0.3)
    playing.films.drips["two.mkv"] = HEAD
    plan = await playing.plan("two.mkv")
    assert plan.method == "hls"
    assert not any(quality.is_original for quality in plan.qualities)


async def test_who_has_little_time_is_answered_within_it(playing: Playing) -> None:
    playing.films.drips["plain.mp4"] = FIRST
    plan = await playing.plan("plain.mp4", within_s=3)
    assert (plan.method, plan.reason) == ("impossible", "This source takes too long to say what it is.")


async def test_nobody_is_asked_for_one_who_has_left(playing: Playing) -> None:
    playing.films.drips["plain.mp4"] = FIRST
    asked = Tasks().spawn("asked", playing.plan("plain.mp4"))

    async def drips() -> bool:
        return playing.films.dripping > 0

    async def is_let_go() -> bool:
        return playing.films.dripping == 0

    await until(drips)
    asked.cancel()
    await until(is_let_go, limit_s=10)

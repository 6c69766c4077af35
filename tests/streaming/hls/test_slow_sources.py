"""Sources that send a byte now and then: whoever asked is told, and nothing goes on for them."""

from __future__ import annotations

import pytest

from libs.common.tasks import Tasks
from services.streaming.hls import origins, probe
from services.streaming.hls.keyframes import HEAD_BYTES
from services.streaming.hls.origins import SNIFFED_BYTES
from tests.streaming.hls.conftest import Playing
from tests.waiting import until

FIRST = f"bytes=0-{SNIFFED_BYTES - 1}"
HEAD = f"bytes=0-{HEAD_BYTES - 1}"


async def test_one_that_drips_is_told_as_too_slow(playing: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "WITHIN_S", 0.3)
    playing.films.drips["plain.mp4"] = FIRST
    plan = await playing.plan("plain.mp4")
    assert (plan.method, plan.reason) == ("impossible", "The source is too slow.")


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

"""Addons that are not asked for now: what was heard of them, and what that spares whoever asks."""

from __future__ import annotations

import time

import pytest

from libs.addons.errors import AddonResting
from libs.addons.patience import BRIEF_S
from libs.addons.resting import UNHEARD_S, Resting
from tests.addons.conftest import Asking
from tests.fakes.addon import FakeAddon, stream
from tests.fakes.clock import START, ManualClock


def test_one_rests_from_what_was_said_until_then(clock: ManualClock) -> None:
    resting = Resting(clock)
    resting.heard("a", "stream", START + 30)
    assert (resting.rests_s("a", "stream"), resting.rests_s("a", "meta")) == (30, None)
    clock.advance(31)
    assert resting.any_due()
    assert resting.rests_s("a", "stream") == 1
    resting.heard("a", "stream", None)
    assert resting.rests_s("a", "stream") is None


def test_a_rest_of_which_nothing_more_is_heard_ends(clock: ManualClock) -> None:
    resting = Resting(clock)
    resting.heard("a", "stream", START + 30)
    clock.advance(31 + UNHEARD_S)
    assert resting.rests_s("a", "stream") is None


def test_coming_back_is_told_once(clock: ManualClock) -> None:
    resting = Resting(clock)
    resting.heard_all({"a": {"stream": START + 30}, "b": {"meta": START + 30}})
    assert not resting.took_back("a")
    resting.heard_all({"b": {"meta": START + 30}})
    assert [resting.took_back(each) for each in ("a", "a", "b")] == [True, False, False]


def test_so_is_having_been_away_and_back_unseen(clock: ManualClock) -> None:
    resting = Resting(clock)
    for _ in range(2):
        resting.heard_of("a", (), until=None, returned_at=START)
    assert resting.took_back("a")
    resting.heard_of("a", (), until=None, returned_at=START)
    assert not resting.took_back("a")
    resting.heard_of("a", (), until=None, returned_at=START + 5)
    assert resting.took_back("a")


async def test_one_that_rests_is_not_asked_and_what_it_said_before_still_is_had(asking: Asking) -> None:
    async with FakeAddon(streams={"tt1": [stream()]}) as addon:
        await asking.ask(addon, "stream/movie/tt1.json")
        asking.resting.heard("addon-1", "stream", START + 30)
        assert len((await asking.ask(addon, "stream/movie/tt1.json")).items) == 1
        with pytest.raises(AddonResting) as told:
            await asking.ask(addon, "stream/movie/tt2.json")
        assert told.value.retry_after_s == 30
        assert addon.calls["stream"] == 1
    assert len(asking.seen.observations) == 1


async def test_one_that_came_back_is_asked_though_it_failed_here_before(asking: Asking) -> None:
    async with FakeAddon(streams={"tt9": [stream()]}) as addon:
        addon.on("stream", status=500)
        for number in range(5):
            with pytest.raises(Exception, match="500"):
                await asking.ask(addon, f"stream/movie/tt{number}.json")
        addon.heal()
        with pytest.raises(AddonResting):
            await asking.ask(addon, "stream/movie/tt9.json")
        asking.clock.advance(10)
        asking.resting.heard_of("addon-1", (), until=None, returned_at=START + 9)
        assert len((await asking.ask(addon, "stream/movie/tt9.json")).items) == 1


async def test_nobody_waits_for_one_that_is_asked_only_to_see_whether_it_is_back(asking: Asking) -> None:
    async with FakeAddon(streams={"tt9": [stream()]}) as addon:
        addon.on("stream", status=500)
        for number in range(5):
            with pytest.raises(Exception, match="500"):
                await asking.ask(addon, f"stream/movie/tt{number}.json")
        asking.clock.advance(60)
        gate = addon.hold("stream")
        began = time.perf_counter()
        with pytest.raises(Exception, match="not answered yet"):
            await asking.ask(addon, "stream/movie/tt9.json")
        assert time.perf_counter() - began < BRIEF_S + 0.4
        gate.set()


async def test_what_is_told_of_a_call_says_what_was_asked_and_that_it_had_nothing(asking: Asking) -> None:
    async with FakeAddon(catalogs={"top": []}) as addon:
        await asking.ask(addon, "stream/movie/tt1.json")
        await asking.ask(addon, "catalog/movie/top/search=secret.json")
    stream_seen, search_seen = asking.seen.observations
    assert (stream_seen.ok, stream_seen.empty, stream_seen.path) == (True, True, "stream/movie/tt1.json")
    assert (search_seen.ok, search_seen.empty, search_seen.path) == (True, False, "")

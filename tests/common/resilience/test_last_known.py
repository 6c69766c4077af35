"""What a source said, while it says nothing."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from libs.common.errors import NotFound, Unavailable
from libs.common.resilience import last_known
from libs.common.resilience.last_known import KEPT_S, QUIET_S, LastKnown
from tests.fakes.clock import ManualClock, settle


class Source:
    """Says `value`, or raises `error`; counts how often it was asked."""

    def __init__(self) -> None:
        self.value = "one"
        self.error: Exception | None = None
        self.silent = False
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return self.value


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def known(clock: ManualClock) -> LastKnown[str, str]:
    return LastKnown("lists", clock=clock)


async def test_a_source_that_is_there_is_asked_each_time(known: LastKnown[str, str], source: Source) -> None:
    assert await known.get("a", source) == "one"
    source.value = "two"
    assert await known.get("a", source) == "two"


async def test_away_its_last_word_stands_in_and_that_is_logged_once(
    known: LastKnown[str, str], source: Source, clock: ManualClock
) -> None:
    await known.get("a", source)
    source.error = Unavailable("Gone.")
    with capture_logs() as logs:
        for _ in range(3):
            assert await known.get("a", source) == "one"
            clock.advance(QUIET_S + 0.1)
        source.error, source.value = None, "two"
        assert await known.get("a", source) == "two"
    assert [entry["event"] for entry in logs] == ["source_away_last_known_used", "source_back"]


async def test_away_it_is_tried_once_a_second_and_not_by_everybody(
    known: LastKnown[str, str], source: Source, clock: ManualClock
) -> None:
    await known.get("a", source)
    source.error = Unavailable("Gone.")
    source.calls = 0
    for _ in range(5):
        await known.get("a", source)
    assert source.calls == 1
    clock.advance(QUIET_S)
    await known.get("a", source)
    assert source.calls == 2


async def test_a_source_that_hangs_costs_one_caller_a_moment(
    known: LastKnown[str, str], source: Source, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_known, "PATIENCE_S", 0.05)
    await known.get("a", source)
    source.silent = True
    assert await known.get("a", source) == "one"
    clock.advance(QUIET_S)
    trying = asyncio.gather(known.get("a", source))
    await settle()
    assert await asyncio.wait_for(known.get("a", source), 0.02) == "one"
    assert (await trying)[0] == "one"
    assert source.calls == 3


async def test_what_was_said_long_ago_is_not_used(
    known: LastKnown[str, str], source: Source, clock: ManualClock
) -> None:
    await known.get("a", source)
    clock.advance(KEPT_S + 1)
    source.error = Unavailable("Gone.")
    with pytest.raises(Unavailable, match="Gone"):
        await known.get("a", source)


async def test_without_a_last_word_the_source_is_heard(known: LastKnown[str, str], source: Source) -> None:
    source.error = Unavailable("Gone.")
    with pytest.raises(Unavailable):
        await known.get("a", source)


async def test_any_other_error_is_an_answer(known: LastKnown[str, str], source: Source) -> None:
    await known.get("a", source)
    source.error = NotFound("No.")
    with pytest.raises(NotFound):
        await known.get("a", source)


async def test_the_least_recently_said_is_forgotten(clock: ManualClock, source: Source) -> None:
    known: LastKnown[str, str] = LastKnown("lists", clock=clock, max_entries=2)
    for key in "abac":
        await known.get(key, source)
    assert (known.last("a"), known.last("b"), known.last("c")) == ("one", None, "one")

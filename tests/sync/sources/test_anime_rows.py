"""A list read by a process of its own: what comes out, and what is left of it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import pytest

from libs.protocols.anime.outcome import Outcome
from services.sync.sources.anime_rows import ReadingStopped, anime_rows
from tests.fakes.anime import ENTRIES, PAGE, entry
from tests.waiting import until


async def test_rows_come_in_lines_and_the_outcome_at_last() -> None:
    entries = [entry(number, f"tt{number:07d}") for number in range(1, 601)]
    found = await anime_rows(msgspec.json.encode([*ENTRIES[3:], *entries]))
    assert found.outcome == Outcome(entries=602, linked=600, ids=2400)
    rows = [row for line in found.lines for row in msgspec.json.decode(line)]
    assert [len(msgspec.json.decode(line)) for line in found.lines] == [1000, 1000, 400]
    assert rows[:2] == [[1, "kitsu", 1, 1, 0], [10, "mal", 1, 1, 0]]


async def test_of_what_is_no_list_only_the_reason_comes() -> None:
    found = await anime_rows(PAGE)
    assert found.lines == ()
    assert found.outcome.broken == "It is a web page instead of JSON."


async def test_a_process_that_ends_too_early_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReadingStopped):
        await anime_rows(msgspec.json.encode(ENTRIES))


async def test_who_stops_waiting_leaves_no_process_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endless = tmp_path / "endless"
    endless.write_text("#!/bin/sh\nwhile :; do sleep 0.1; done\n")
    endless.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(endless))
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(anime_rows(b"[]"))
        await until(_is_reading)
        reading.cancel()
    assert not await _is_reading()


async def _is_reading() -> bool:
    command = ("pgrep", "-P", str(os.getpid()), "-f", "libs.protocols.anime")
    search = await asyncio.create_subprocess_exec(*command)
    return await search.wait() == 0

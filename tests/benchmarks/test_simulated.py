"""The load suite: its sums, its pictures, and a short visit to a real hub."""

from __future__ import annotations

import asyncio
import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from benchmarks.simulated.pictures import lines
from benchmarks.simulated.record import Record
from benchmarks.simulated.report import Run, write
from tests.harness.clients import Api
from tests.harness.hub import ROOT, running
from tests.journeys.conftest import PASSWORD, USERNAME

RUN = Run(url="http://hub", users=3, duration_s=2)


def _record() -> Record:
    record = Record()
    for ms in range(1, 101):
        record.note("row", 0, ms)
    record.note("row", 1, 5000, "status 500")
    record.note("search", 1, 10, "refused")
    return record


def test_percentiles_are_of_everything_that_was_answered() -> None:
    tally = _record().by_name()["row"]
    assert (tally.count, tally.percentile(0.5), tally.percentile(1.0)) == (101, 51, 5000)


def test_refusals_are_told_apart_from_failures() -> None:
    record = _record()
    whole = record.by_name()["all"]
    assert (whole.refused, whole.failed) == (1, 1)
    assert record.errors == {"row: status 500": 1}


def test_a_second_without_answers_is_one_without_answers() -> None:
    record = Record()
    record.note("row", 2, 5)
    assert [tally.count for tally in record.by_second()] == [0, 0, 1]


def test_a_picture_is_well_formed_whatever_is_in_it() -> None:
    tried: list[dict[str, list[float]]] = [{}, {"<a>": []}, {"b": [0.0]}, {"b": [1, 2, 30_000], "c": [3]}]
    for series in tried:
        ET.fromstring(lines("<Latency>", "ms", series))


def test_the_report_has_a_table_and_its_pictures(tmp_path: Path) -> None:
    write(tmp_path, RUN, _record())
    text = (tmp_path / "report.md").read_text()
    assert "| row | 101 |" in text
    assert "1 × row: status 500" in text
    for name in ("latency", "throughput", "errors"):
        assert (tmp_path / f"{name}.svg").exists()
        assert f"({name}.svg)" in text
    assert (tmp_path / "report.html").read_text().count("<svg") == 3


async def _simulate(url: str, into: Path, **environment: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.simulated", url, "--users", "4", "--duration", "6"),
        *("--into", str(into)),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    return process.returncode, printed.decode()


async def test_users_come_and_a_report_is_left(tmp_path: Path) -> None:
    with running("embedded", {}, tmp_path / "hub") as hub:
        async with Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
        status, printed = await _simulate(
            hub.url, tmp_path / "report", LOAD_USERNAME=USERNAME, LOAD_PASSWORD=PASSWORD
        )
        assert status == 0, printed
        text = (tmp_path / "report" / "report.md").read_text()
        assert "| player: row |" in text
        assert "| all |" in text


async def test_an_address_nobody_answers_at_is_told_in_a_sentence(tmp_path: Path) -> None:
    status, printed = await _simulate("http://127.0.0.1:9", tmp_path, LOAD_USERNAME="a", LOAD_PASSWORD="b")
    assert status == 1
    assert "doesn't answer" in printed.splitlines()[-1]


async def test_without_anybody_to_play_it_says_what_to_set(tmp_path: Path) -> None:
    status, printed = await _simulate("http://127.0.0.1:9", tmp_path)
    assert status == 1
    assert "LOAD_USERNAME" in printed

"""The process that reads guides, with real pipes."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from libs.protocols.xmltv.rows import Channel, Programme, Row, Text
from libs.protocols.xmltv.tally import Tally

GUIDE = (
    b'<tv><channel id="one"><display-name>One</display-name></channel>'
    b'<programme start="20260102150000" channel="one"><title>T</title></programme>'
    b'<programme channel="one"><title>T</title></programme></tv>'
)
ROWS = [
    Channel(id="one", names=("One",)),
    Programme(channel="one", start=1_767_366_000, titles=(Text("T"),)),
]


def run(content: bytes) -> tuple[list[Row], Tally]:
    command = [sys.executable, "-m", "libs.protocols.xmltv"]
    lines = subprocess.run(command, input=content, capture_output=True, check=True).stdout.splitlines()
    rows = [
        row for line in lines if line.startswith(b"[") for row in msgspec.json.decode(line, type=list[Row])
    ]
    return rows, msgspec.json.decode(lines[-1], type=Tally)


def test_rows_and_a_tally_come_out() -> None:
    assert run(GUIDE) == (ROWS, Tally(done=True, seen=3, kept=2, skipped={"bad_time": 1}))


def test_of_a_guide_that_is_cut_the_rows_before_it_and_why() -> None:
    rows, tally = run(GUIDE.removesuffix(b"</tv>"))
    assert rows == ROWS
    assert (tally.done, tally.kept, tally.broken) == (True, 2, "truncated")
    assert tally.sentence == "The guide is cut short."


def test_of_a_page_no_rows_and_why() -> None:
    rows, tally = run(b"<html><body>Not found</body></html>")
    assert rows == []
    assert (tally.broken, tally.sentence) == (
        "not_a_guide",
        "The server sent a web page instead of a guide.",
    )

"""Lists that are made to take all there is: names without end, and as many of them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import pytest

from libs.common.contracts.handover_rows import RowKind
from services.sync.reading.order import LONGEST_LINE
from services.sync.reading.out import MOST_CATEGORIES, WANTED_A_LINE, Kept, Out
from services.sync.reading.playlist import read_playlist
from services.sync.sources.reading import reading

KINDS: Final[tuple[RowKind, ...]] = ("channels", "movies", "series", "episodes")


def lines_of(*entries: str) -> list[tuple[bytes, bytes]]:
    sink = io.BytesIO()
    out = Out(sink, {kind: Kept(b"", again=False) for kind in KINDS})
    read_playlist(
        [b"#EXTM3U\n", *(f"#EXTINF:-1 {entry}\nhttp://a/1.ts\n".encode() for entry in entries)], out
    )
    lines = sink.getvalue().splitlines()
    assert max(map(len, lines)) < LONGEST_LINE
    return [(word, text) for word, _, text in (line.partition(b" ") for line in lines)]


def told(lines: list[tuple[bytes, bytes]], word: bytes) -> list[bytes]:
    return [text for one, text in lines if one == word]


def test_a_category_for_every_entry_is_told_up_to_a_number() -> None:
    lines = lines_of(*(f'group-title="G{number}",C' for number in range(MOST_CATEGORIES + 500)))
    last = told(lines, b"categories")[-1].partition(b" ")[2]
    assert len(msgspec.json.decode(last)) == MOST_CATEGORIES
    assert sum(len(msgspec.json.decode(text)) for text in told(lines, b"channels")) == MOST_CATEGORIES + 500


def test_categories_with_names_without_end_fit_a_line() -> None:
    group = ";".join(f"{number}{'é' * 2000}" for number in range(40))
    lines = lines_of(*(f'group-title="{number}{group}",C' for number in range(300)))
    rows = [row for text in told(lines, b"channels") for row in msgspec.json.decode(text)]
    assert len(rows) == 300
    assert max(len(name) for row in rows for name in row[8]) == 200


def test_what_the_guide_is_wanted_for_is_told_in_lines_that_can_be_read() -> None:
    lines = lines_of(*(f'tvg-name="{number}{"n" * 900}",{number}{"m" * 900}' for number in range(6000)))
    wanted = [one for text in told(lines, b"wanted") for one in msgspec.json.decode(text)]
    assert len(wanted) == 6000


@pytest.mark.parametrize("logo", ["javascript:alert(1)", "data:image/png;base64,AA", "file:///etc/passwd"])
def test_a_picture_that_leads_to_no_web_server_is_none(logo: str) -> None:
    lines = lines_of(
        f'tvg-logo="{logo}",C',
        f'tvg-logo="{logo}",Film (2000)',
        f'tvg-logo="{logo}",Show S01E01',
        'tvg-logo="HTTP://10.0.0.1/1.png",Kept',
    )
    rows = b"".join(text for word, text in lines if word.decode() in KINDS)
    assert logo.encode() not in rows
    assert rows.count(b"HTTP://10.0.0.1/1.png") == 1


async def test_what_is_told_in_several_lines_is_wanted_together() -> None:
    count = 2 * WANTED_A_LINE + 1

    async def pieces() -> AsyncIterator[bytes]:
        yield b"#EXTM3U\n"
        for number in range(count):
            yield f"#EXTINF:-1,C {number}\nhttp://a/{number}.ts\n".encode()

    async with (
        reading("list", dict.fromkeys(KINDS, b""), again=False) as reader,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(reader.feed(pieces()))
        async for _ in reader.lines():
            pass
    assert len(msgspec.json.decode(reader.wanted)) == count

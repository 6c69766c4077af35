"""Lists that are made to take all there is: names without end, and as many of them."""

from __future__ import annotations

import asyncio
import io
import resource
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import pytest

from libs.common.contracts.handover_rows import RowKind
from libs.protocols.apart import MOST_BYTES
from services.sync.kinds.trouble import of_tally
from services.sync.reading.order import LONGEST_LINE, Held, Order, Tally
from services.sync.reading.out import MOST_CATEGORIES, WANTED_A_LINE, Kept, Out
from services.sync.reading.panel import MAX_ENTRY_BYTES, read_list
from services.sync.reading.playlist import read_playlist
from services.sync.sources.apart import running_apart
from services.sync.sources.reading import MODULE, Reading, reading
from tests.waiting import until

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


async def test_a_list_that_takes_more_memory_than_it_may_ends_its_reading_alone() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"#EXTM3U\n"
        for number in range(20_000):
            yield f'#EXTINF:-1 tvg-name="{number}{"n" * 900}",{number}{"m" * 900}\nhttp://a/1.ts\n'.encode()

    async with running_apart(MODULE) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        async def is_limited() -> bool:
            return resource.prlimit(process.pid, resource.RLIMIT_AS) == (MOST_BYTES, MOST_BYTES)

        await until(is_limited)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (64 * 1024**2, 64 * 1024**2))
        reader = Reading(process.stdin, process.stdout)
        order = Order(subject="list", held=tuple(Held(kind, 0) for kind in KINDS))
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        async with asyncio.TaskGroup() as group:
            feeding = group.create_task(reader.feed(pieces()))
            async for _ in reader.lines():
                pass
            feeding.cancel()
    assert await process.wait() != 0
    assert not reader.tally.done
    assert of_tally(reader.tally, "list").may_pass


def test_an_entry_without_end_is_told_as_too_large() -> None:
    sink = io.BytesIO()
    out = Out(sink, {"movies": Kept(b"", again=False)})
    read_list("movies", [b'[{"name":"', *[b"x" * 65536] * (MAX_ENTRY_BYTES // 65536 + 2)], out)
    word, _, text = sink.getvalue().splitlines()[-1].partition(b" ")
    assert (word, msgspec.json.decode(text, type=Tally).broken) == (b"tally", "item_too_large")

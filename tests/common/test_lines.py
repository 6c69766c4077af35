"""Lines out of pieces of any size."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.lines import LineTooLong, lines_of


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def lines(content: bytes, *, size: int = 3, longest: int = 10) -> list[bytes]:
    return [line async for line in lines_of(pieces(content, size), longest=longest)]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_every_size_of_piece_gives_the_same_lines(size: int) -> None:
    assert await lines(b"one\n\nthree\nfour", size=size) == [b"one", b"", b"three", b"four"]


async def test_an_end_of_line_at_the_end_begins_no_other() -> None:
    assert await lines(b"one\n") == [b"one"]
    assert await lines(b"") == []


@pytest.mark.parametrize("content", [b"x" * 11, b"x" * 11 + b"\n", b"short\n" + b"x" * 50])
@pytest.mark.parametrize("size", [3, 100])
async def test_a_line_too_long_is_not_gathered(content: bytes, size: int) -> None:
    with pytest.raises(LineTooLong):
        await lines(content, size=size)

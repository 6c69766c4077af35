"""Where a film's file says that its key pictures are: read without belief, and without holding up the hub."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from libs.common.tasks import Tasks
from services.streaming.hls.keyframes import MOST_ELEMENTS, key_pictures
from services.streaming.hls.origins import Reader

NOTHING = b"\xec\x80"
"""The smallest of elements: padding of no length."""


def reader(data: bytes) -> Reader:
    async def read(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    return read


def element(id_: bytes, data: bytes) -> bytes:
    return id_ + (len(data) | 1 << 56).to_bytes(8, "big") + data


def matroska(cues: bytes) -> bytes:
    """With the cues behind its head, which says where they are."""
    seek = element(b"\x4d\xbb", element(b"\x53\xab", b"\x1c\x53\xbb\x6b") + element(b"\x53\xac", b"\x00\x40"))
    inside = element(b"\x11\x4d\x9b\x74", seek).ljust(64, b"\0") + element(b"\x1c\x53\xbb\x6b", cues)
    return element(b"\x1a\x45\xdf\xa3", b"") + element(b"\x18\x53\x80\x67", inside)


def point(time_ms: int) -> bytes:
    where = element(b"\xb7", element(b"\xf7", b"\x01"))
    return element(b"\xbb", element(b"\xb3", time_ms.to_bytes(4, "big")) + where)


def box(kind: bytes, data: bytes) -> bytes:
    return (len(data) + 8).to_bytes(4, "big") + kind + data


@pytest.mark.parametrize("name", ["two.mkv", "plain.mp4"])
async def test_they_are_where_the_file_says(films: Path, name: str) -> None:
    data = (films / name).read_bytes()
    keys = await key_pictures(reader(data), len(data))
    assert keys == pytest.approx([2.002 * number for number in range(6)], abs=0.07)


async def test_a_file_of_more_elements_than_any_film_has_says_nothing() -> None:
    few = matroska(NOTHING * 1000 + point(7000))
    assert await key_pictures(reader(few), len(few)) == (7.0,)
    many = matroska(NOTHING * MOST_ELEMENTS + point(7000))
    assert await key_pictures(reader(many), len(many)) == ()


async def test_the_hub_goes_on_while_a_file_is_taken_apart() -> None:
    data = matroska(NOTHING * (MOST_ELEMENTS // 2))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = Tasks().spawn("count", count())
    await key_pictures(reader(data), len(data))
    counting.cancel()
    assert turns > 20


async def test_tables_that_lack_something_say_nothing() -> None:
    handler = box(b"hdlr", bytes(8) + b"vide")
    moov = box(b"moov", box(b"trak", box(b"mdia", handler)))
    data = box(b"ftyp", b"isom") + moov
    async with asyncio.timeout(10):
        assert await key_pictures(reader(data), len(data)) == ()

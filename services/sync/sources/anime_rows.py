"""Rows out of a list of anime, read by a process of its own: neither the loop nor its memory notices."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from libs.protocols.anime.outcome import Outcome
from services.sync.sources.apart import own_code


class ReadingStopped(Exception):
    """The process ended before its work did."""


@dataclass(frozen=True, slots=True)
class AnimeRows:
    """Lines of rows, each an array of JSON; none where the outcome is `broken`."""

    lines: tuple[bytes, ...]
    outcome: Outcome


async def anime_rows(body: bytes) -> AnimeRows:
    """Raises ReadingStopped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "libs.protocols.anime",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=own_code(),
    )
    try:
        written, _ = await process.communicate(body)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    *lines, last = written.splitlines(keepends=True) or [b""]
    try:
        return AnimeRows(tuple(lines), msgspec.json.decode(last, type=Outcome))
    except msgspec.DecodeError as error:
        raise ReadingStopped("The reading of the list stopped midway.") from error

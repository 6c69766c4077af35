"""Rows out of a list of anime, read by a process of its own: neither the loop nor its memory notices."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from libs.protocols.anime.outcome import Outcome
from services.sync.sources.apart import running_apart


class ReadingStopped(Exception):
    """The process ended before its work did."""


@dataclass(frozen=True, slots=True)
class AnimeRows:
    """Lines of rows, each an array of JSON; none where the outcome is `broken`."""

    lines: tuple[bytes, ...]
    outcome: Outcome


async def anime_rows(body: bytes) -> AnimeRows:
    """Raises ReadingStopped."""
    async with running_apart("libs.protocols.anime") as process:
        written, _ = await process.communicate(body)
    *lines, last = written.splitlines(keepends=True) or [b""]
    try:
        return AnimeRows(tuple(lines), msgspec.json.decode(last, type=Outcome))
    except msgspec.DecodeError as error:
        raise ReadingStopped("The reading of the list stopped midway.") from error

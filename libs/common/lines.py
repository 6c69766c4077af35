"""Lines out of a stream that arrives in pieces of any size."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator


class LineTooLong(ValueError):
    """A line passes the limit; it was not read to its end."""


async def lines_of(pieces: AsyncIterable[bytes], *, longest: int) -> AsyncIterator[bytes]:
    """Each line without its end; the last needs none. Raises LineTooLong."""
    held = bytearray()
    async for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for line in whole:
            held += line
            if len(held) > longest:
                raise LineTooLong
            yield bytes(held)
            held.clear()
        held += rest
        if len(held) > longest:
            raise LineTooLong
    if held:
        yield bytes(held)

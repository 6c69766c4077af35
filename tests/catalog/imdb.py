"""Data sets handed over to a running catalog, as sync hands them over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec

from libs.common.contracts.imdb import ImdbClient, SetName, Swap, SwapCounts
from tests.catalog.hub import Catalog


async def as_lines(rows: Sequence[object], *, each: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(rows), each):
        yield msgspec.json.encode(rows[start : start + each]) + b"\n"


async def put(catalog: Catalog, name: SetName, rows: Sequence[object]) -> SwapCounts:
    client = ImdbClient(catalog.service)
    staged = await client.stage(name, "run", as_lines(rows), deadline=catalog.deadline)
    assert staged.rows == len(rows)
    return await client.swap(name, Swap(run="run", etag='"1"'), deadline=catalog.deadline)

"""What becomes of a file that could not be read whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from libs.common.errors import HeadgateError
from services.sync.store.imports import ImportStore, StoredImport


@asynccontextmanager
async def forgotten_if_unread(store: ImportStore, new: StoredImport) -> AsyncIterator[None]:
    """While it is read: whatever goes wrong, nothing of it stays. What is left where even that fails goes
    with the next sweep."""
    try:
        yield
    except BaseException:
        with suppress(HeadgateError):
            await asyncio.shield(store.drop(new.owner, new.id, states=["reading"]))
        raise

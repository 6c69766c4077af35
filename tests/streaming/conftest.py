"""One streaming service per test, without any addon yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.streaming.hub import Streaming, streaming


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Streaming]:
    async with streaming(tmp_path) as service:
        yield service


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Streaming]:
    """A service that waits for nobody longer than 0.3 s."""
    async with streaming(tmp_path, HEADGATE_STREAMS_DEADLINE_S="0.3") as service:
        yield service

"""nginx as it is deployed, one per test: what it learned about its gateways is part of what is tested."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.deploy.front import RunningFront, running_front


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[RunningFront]:
    async with running_front(tmp_path / "nginx") as running:
        yield running


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A directory that every user gets to, unlike the others of tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path


@pytest.fixture
async def reached(open_path: Path) -> AsyncIterator[RunningFront]:
    async with running_front(open_path / "nginx") as running:
        yield running


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[RunningFront]:
    """Behind another proxy, which every test is."""
    async with running_front(tmp_path / "nginx", real_ip=["127.0.0.1/32"]) as running:
        yield running

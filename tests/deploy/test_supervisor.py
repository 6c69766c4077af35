"""A cluster that is ended before it has started."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deploy.cluster.settings import ClusterSettings
from deploy.cluster.supervisor import Cluster
from libs.common.clock import SystemClock
from tests.waiting import until


def who_works_on(folder: Path) -> list[str]:
    """The command lines that name it."""
    lines = [path.read_bytes().decode() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [line for line in lines if str(folder) in line]


async def test_a_database_that_is_being_made_is_given_up_before_its_directory_is(open_path: Path) -> None:
    """Whoever starts next would take half a database for a whole one, or meet who still writes it."""
    settings = ClusterSettings.from_env({"CLUSTER_DATA_DIR": str(open_path / "data")})
    cluster = Cluster(settings, clock=SystemClock(), tell=lambda _: None)
    folder = open_path / "data" / "postgres"

    async def is_half_made() -> bool:
        return (folder / "PG_VERSION").exists()

    starting = asyncio.ensure_future(cluster.start())  # noqa: TID251  awaited below
    await until(is_half_made)
    assert who_works_on(folder)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert who_works_on(folder) == []
    assert not folder.exists()
    await cluster.aclose()

"""kill -9 while what a source tells is read, and while it is applied: in the end all of it holds, or none."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_handover import Row, ViewingHandoverClient
from libs.common.errors import HeadgateError
from libs.common.identity import Identity, IdentitySigner
from libs.common.secrets import SecretKey
from tests.streaming.hub import SECRET
from tests.streaming.viewing.conftest import within
from tests.streaming.viewing.telling import episode
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
OWNER = ("a1", "p1")
SHOWS = 60
EPISODES = 50


class Killable:
    """One streaming process at a time over the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.client: ServiceClient

    async def start(self) -> None:
        self._run()
        await until(self._is_ready)

    def _run(self) -> None:
        environment = {
            **os.environ,
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_DATA_DIR": str(self._folder),
            "HEADGATE_STREAMING_PORT": str(self._port),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.streaming"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def _is_ready(self) -> bool:
        try:
            return (await self.client.raw("GET", "/livez", identity=SERVICE, deadline=within())).status == 200
        except HeadgateError:
            return False

    async def rows(self) -> int:
        try:
            told = await ViewingHandoverClient(self.client).told(OWNER, deadline=within())
        except HeadgateError:
            return 0
        return sum(one.rows for one in told)

    async def tell(self, told: AsyncIterator[Row]) -> None:
        """Until it is answered, or cut off."""
        handover = ViewingHandoverClient(self.client)
        with suppress(HeadgateError, OSError):
            await handover.tell(OWNER, "trakt", "watched", told, deadline=within())

    async def watched(self) -> list[bool]:
        """Of the shows that anything is known of."""
        ids = [f"tt{number}" for number in range(SHOWS)]
        found = await ViewingClient(self.client).flags(Identity(*OWNER), ids, deadline=within())
        return [flags.watched for flags in found.values()]


@pytest.fixture
async def streaming(tmp_path: Path) -> AsyncIterator[Killable]:
    killable = Killable(tmp_path)
    signer = IdentitySigner(SecretKey.from_text(SECRET), SystemClock())
    try:
        async with ServiceClient.connected("streaming", killable.url, signer=signer) as killable.client:
            yield killable
    finally:
        killable.kill()


async def rows(count: int, then: asyncio.Event | None = None) -> AsyncIterator[Row]:
    for number in range(count):
        of, at = divmod(number, EPISODES)
        yield episode(1, at + 1, of=f"tt{of}", aired=EPISODES, ago_h=9000)
    if then is not None:
        then.set()
        await asyncio.Event().wait()


async def test_what_was_not_read_to_its_end_changes_nothing(streaming: Killable) -> None:
    await streaming.start()
    read = asyncio.Event()

    async def kill() -> None:
        await read.wait()
        streaming.kill()

    await asyncio.gather(streaming.tell(rows(1000, read)), kill())
    await streaming.start()
    assert (await streaming.rows(), await streaming.watched()) == (0, [])
    await streaming.tell(rows(EPISODES))
    assert await streaming.watched() == [True]


async def test_what_was_read_to_its_end_is_applied_to_its_end(streaming: Killable) -> None:
    await streaming.start()
    for share in (0.1, 0.3, 0.6):
        beyond = share * SHOWS * EPISODES

        async def is_under_way(beyond: float = beyond) -> bool:
            return await streaming.rows() >= beyond

        async def kill(is_time: Callable[[], Awaitable[bool]] = is_under_way) -> None:
            await until(is_time)
            streaming.kill()

        if await streaming.rows() == 0:
            await asyncio.gather(streaming.tell(rows(SHOWS * EPISODES)), kill())
        else:
            await kill()
        await streaming.start()

    async def is_done() -> bool:
        return await streaming.rows() == SHOWS * EPISODES

    await until(is_done)
    assert await streaming.watched() == [True] * SHOWS

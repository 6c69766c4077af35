"""Two catalogs behind one gateway: one dies, hangs or joins under load, and players go on."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from deploy.cluster.ports import free_port
from tests.fakes.addon import FakeAddon, films, manifest
from tests.harness.clients import PLAIN, Answer, Api
from tests.harness.hub import UNLIMITED, Hub, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.servers import PostgresServer, RedisServer
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the hub's
USERS = 8
MAX_FAILED = 0.001
SETTLED_S = 2.0
ENOUGH = 200
PATH = "/api/v1/addons"


@dataclass
class Load:
    """Users who ask as fast as they are answered. `answers` are (when it was asked for, how long, status)."""

    answers: list[tuple[float, float, int]] = field(default_factory=list)

    async def ask_on(self, api: Api) -> None:
        url, headers = URL(api.base + PATH), {**PLAIN, "Authorization": f"Bearer {api.token}"}
        while True:
            began, status = time.perf_counter(), 0
            with suppress(aiohttp.ClientError):
                async with api.session.get(url, headers=headers) as response:
                    await Answer.of(response)
                    status = response.status
            self.answers.append((began, time.perf_counter() - began, status))

    async def more(self) -> None:
        """Returns after some more answers."""
        so_far = len(self.answers)

        async def has_more() -> bool:
            return len(self.answers) >= so_far + ENOUGH

        await until(has_more)

    def failed(self, *, after: float = 0.0) -> list[int]:
        return [status for began, _, status in self.answers if status != 200 and began >= after]

    def slow(self, *, after: float) -> list[float]:
        return [seconds for began, seconds, _ in self.answers if seconds > 1.0 and began >= after]


@asynccontextmanager
async def under_load(api: Api) -> AsyncIterator[Load]:
    load = Load()
    async with asyncio.TaskGroup() as group:
        users = [group.create_task(load.ask_on(api)) for _ in range(USERS)]
        await load.more()
        yield load
        for user in users:
            user.cancel()


@dataclass
class Two:
    """A hub whose catalog runs twice."""

    hub: Hub
    api: Api
    second_port: str

    def start_second(self) -> None:
        first = dict(self.hub.environment)
        self.hub.environment["HEADGATE_CATALOG_PORT"] = self.second_port
        self.hub.start("catalog", copy="2")
        self.hub.environment = first

    async def states(self) -> list[str]:
        """What the gateway thinks of the catalogs it knows."""
        health = (await self.api.send("GET", "/healthz?verbose")).json
        return sorted(one["state"] for one in health["instances"]["catalog"])

    async def both_up(self) -> None:
        await until(self._both_are_up)

    async def one_up(self) -> None:
        await until(self._one_is_up)

    async def _both_are_up(self) -> bool:
        return await self.states() == ["up", "up"]

    async def _one_is_up(self) -> bool:
        return (await self.states()).count("up") == 1


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["by commas", "redis:"])
async def hub_of_two(
    request: pytest.FixtureRequest,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Two]:
    redis_server.command("FLUSHALL")
    ports = [str(free_port()), str(free_port())]
    listed = ",".join(f"http://127.0.0.1:{port}" for port in ports)
    environment = {
        **UNLIMITED,
        "HEADGATE_REDIS_URL": redis_server.url,
        "HEADGATE_DATABASE_URL": postgres_server.new_database(tables_of="hub"),
        "HEADGATE_CATALOG_PORT": ports[0],
        "HEADGATE_CATALOG_URL": listed if request.param == "by commas" else "redis:",
    }
    addon = FakeAddon(manifest=manifest(), metas={title["id"]: title for title in films(1)})
    with ExitStack() as stack:
        starting = running("split", environment, tmp_path_factory.mktemp("two"))
        hub = await asyncio.to_thread(stack.enter_context, starting)
        async with addon, Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
            await api.add(addon.manifest_url)
            yield Two(hub, api, ports[1])


@pytest.fixture
def two(hub_of_two: Two) -> Iterator[Two]:
    """As yet without the second catalog."""
    yield hub_of_two
    hub_of_two.hub.kill("catalog2")


async def test_one_joins_is_killed_and_comes_back_under_load(two: Two) -> None:
    async with under_load(two.api) as load:
        two.start_second()
        await two.both_up()
        await load.more()
        killed_at = time.perf_counter()
        two.hub.kill("catalog2")
        await load.more()
        await two.one_up()
        await load.more()
        two.start_second()
        await two.both_up()
        await load.more()
    assert load.failed(after=killed_at + SETTLED_S) == []
    assert len(load.failed()) <= MAX_FAILED * len(load.answers)


async def test_one_hangs_and_goes_on_under_load(two: Two) -> None:
    two.start_second()
    await two.both_up()
    async with under_load(two.api) as load:
        two.hub.processes["catalog2"].send_signal(signal.SIGSTOP)
        await two.one_up()
        left_at = time.perf_counter()
        await load.more()
        two.hub.processes["catalog2"].send_signal(signal.SIGCONT)
        await two.both_up()
        await load.more()
    assert load.failed() == []
    assert load.slow(after=left_at) == []
    assert len(load.slow(after=0)) <= USERS

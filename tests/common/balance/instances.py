"""Instances of one service as real servers that answer, hang, drain and die when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from aiohttp import web
from aiohttp.test_utils import TestServer

from libs.common.balance.model import BalancePolicy
from libs.common.balance.service import Balancing
from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE, RawAnswer, ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import IdentitySigner
from libs.common.metrics import Metrics
from libs.common.secrets import SecretKey

PATIENT = BalancePolicy(
    connect_s=60.0,
    check_every_s=0.2,
    check_within_s=60.0,
    look_every_s=0.02,
    suspect_s=0.05,
    eject_s=0.3,
)
"""Checks often and never gives up: a test's process may be held up, its instances with it."""

HASTY = replace(PATIENT, check_within_s=0.15)
"""For an instance that hangs: it costs a test half a second."""


class FakeInstance:
    """Answers `/thing` with its name. `hold` makes it hang as a stopped process does, checks included."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.checks = 0
        self.status = 200
        self.headers: dict[str, str] = {}
        self.readiness: tuple[int, dict[str, str]] = (200, {"status": "pass"})
        self._running = asyncio.Event()
        self._running.set()
        self.slow = asyncio.Event()
        self.slow.set()
        app = web.Application()
        app.router.add_get("/readyz", self._readyz)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._app = app
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def hold(self) -> None:
        self._running.clear()

    def let_go(self) -> None:
        self._running.set()

    async def _readyz(self, _request: web.Request) -> web.Response:
        self.checks += 1
        await self._running.wait()
        status, report = self.readiness
        return web.json_response(report, status=status)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.method)
        self.bodies.append(await request.read())
        await self._running.wait()
        await self.slow.wait()
        return web.Response(text=self.name, status=self.status, headers=self.headers)


@asynccontextmanager
async def serving(*names: str) -> AsyncIterator[list[FakeInstance]]:
    """Instances that listen; they are let go of at the end, so that none holds the test up."""
    async with AsyncExitStack() as stack:
        instances = [FakeInstance(name) for name in names]
        for instance in instances:
            await instance.server.start_server()
            stack.push_async_callback(instance.server.close)
            stack.callback(instance.slow.set)
            stack.callback(instance.let_go)
        yield instances


@asynccontextmanager
async def asking(
    where: str | Sequence[FakeInstance],
    *,
    hedge: bool = False,
    balancing: Balancing | None = None,
    policy: BalancePolicy = PATIENT,
) -> AsyncIterator[ServiceClient]:
    """A client of the service `catalog`, whose instances are `where`."""
    clock = SystemClock()
    text = where if isinstance(where, str) else ",".join(instance.url for instance in where)
    metrics = Metrics("test", clock=clock)
    made = balancing or Balancing(clock=clock, metrics=metrics, hedge=hedge, policy=policy)
    signer = IdentitySigner(SecretKey.from_text("x" * 32), clock)
    async with ServiceClient.connected("catalog", text, signer=signer, balancing=made) as client:
        yield client


async def ask(
    client: ServiceClient,
    method: str = "GET",
    *,
    within_s: float = 5.0,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    instance: str = "",
) -> RawAnswer:
    return await client.raw(
        method,
        "/thing",
        identity=SERVICE,
        deadline=Deadline.after(SystemClock(), within_s),
        body=body,
        headers=headers,
        instance=instance,
    )


def states(client: ServiceClient) -> dict[str, str]:
    """Every instance's state by its address."""
    return {instance.address: instance.state for instance in client.instances()}

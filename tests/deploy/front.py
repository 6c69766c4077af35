"""The real nginx with our configuration, in front of fake gateways that do what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import orjson
from aiohttp import web
from yarl import URL

from deploy.cluster.nginx import Front, write_configuration
from deploy.cluster.ports import free_port
from deploy.cluster.stores import program
from libs.common.http import ClientSession, make_session
from tests.harness.clients import Answer, Json
from tests.waiting import until

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PUBLIC = "public, max-age=60, s-maxage=1, stale-while-revalidate=30, stale-if-error=60"
FACE = "/stremio/secret-token/catalog/movie/top.json"
CLIENT_TIMEOUT_S = 1
READ_S = 1.0
CONNECTIONS = 64


async def says_ok(_request: web.Request) -> web.Response:
    return web.Response(text="ok", headers={"Cache-Control": "no-store"})


@dataclass
class FakeGateway:
    """Answers with `handler` and remembers what it was asked."""

    handler: Handler = says_ok
    asked: list[web.Request] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site.port

    async def stop(self) -> None:
        """From now on connections are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.handler(request)


@dataclass
class RunningFront:
    directory: Path
    http_port: int
    https_port: int
    status_port: int
    gateways: list[FakeGateway]
    streaming: FakeGateway
    replicas: list[FakeGateway]
    session: ClientSession
    pid: int

    async def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        body: bytes | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
        **headers: str,
    ) -> Answer:
        """`headers` with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Accept-Encoding": "identity", **named, **more}
        url = URL(self.url + path, encoded=True)
        async with self.session.request(method, url, data=body, headers=sent) as response:
            return await Answer.of(response)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def worker_users(self) -> set[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return {Path(f"/proc/{child}").stat().st_uid for child in children}

    def count(self) -> int:
        """How often any gateway was asked."""
        return sum(len(gateway.asked) for gateway in self.gateways)

    def behave(self, handler: Handler) -> None:
        for gateway in self.gateways:
            gateway.handler = handler

    async def log_lines(self, number: int) -> list[Json]:
        """The access log, once it has that many lines."""
        path = self.directory / "access.log"

        async def written() -> bool:
            return path.read_bytes().count(b"\n") >= number

        await until(written)
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]


@asynccontextmanager
async def running_front(
    directory: Path, *, real_ip: Sequence[str] = (), replicas: int = 1
) -> AsyncIterator[RunningFront]:
    """nginx, two gateways and `replicas` of streaming; `real_ip` are proxies in front whose word counts."""
    gateways, streaming = [FakeGateway(), FakeGateway()], [FakeGateway() for _ in range(replicas)]
    async with AsyncExitStack() as stack:
        for fake in (*gateways, *streaming):
            await fake.start()
            stack.push_async_callback(fake.stop)
        ports = [free_port() for _ in range(3)]
        listening = [one.port for one in streaming]
        front = front_of(directory, ports, [one.port for one in gateways], *listening, real_ip=real_ip)
        configuration = write_configuration(front)
        errors = stack.enter_context((directory / "stderr.log").open("wb"))
        process = await asyncio.create_subprocess_exec(
            program("nginx", "nginx"), "-p", str(directory), "-c", str(configuration), stderr=errors
        )
        stack.push_async_callback(process.wait)
        stack.callback(process.terminate)
        session = await stack.enter_async_context(make_session())
        found = RunningFront(
            directory,
            ports[0],
            ports[1],
            ports[2],
            gateways,
            streaming[0],
            streaming,
            session,
            process.pid,
        )

        async def listens() -> bool:
            try:
                async with session.get(f"http://127.0.0.1:{ports[2]}/livez") as answer:
                    return answer.status == 200
            except OSError:
                return False

        await until(listens)
        yield found


def front_of(
    directory: Path, ports: list[int], gateways: list[int], *streaming: int, real_ip: Sequence[str] = ()
) -> Front:
    return Front(
        directory=directory,
        http=f"127.0.0.1:{ports[0]}",
        https=f"127.0.0.1:{ports[1]}",
        status=f"127.0.0.1:{ports[2]}",
        gateways=[f"127.0.0.1:{port}" for port in gateways],
        streaming=[f"127.0.0.1:{port}" for port in streaming],
        client_timeout_s=CLIENT_TIMEOUT_S,
        api_read_s=READ_S,
        stremio_read_s=READ_S,
        connections_per_address=CONNECTIONS,
        workers=1,
        real_ip=real_ip,
    )


def told(lives: str, **more: str) -> Handler:
    """Answers that differ each time, with that Cache-Control and `more` headers."""
    count = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        headers = {
            "Cache-Control": lives,
            "RateLimit": f'"burst";r={count}',
            "Vary": "Accept-Encoding",
            **more,
        }
        return web.Response(text=f"answer {count}", headers=headers)

    return answer


async def cuts(request: web.Request) -> web.StreamResponse:
    """The connection breaks when the whole request has been read."""
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def says_nothing(_request: web.Request) -> web.StreamResponse:
    """As a process that hangs: connections are accepted and nothing is ever answered."""
    await asyncio.Event().wait()
    return web.Response()


def refuses(status: int) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"status": status}, status=status, content_type="application/problem+json")

    return answer

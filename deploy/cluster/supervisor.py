"""The cluster: every part started in order, kept running, and restarted one by one without a lost request."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from deploy.cluster import stores
from deploy.cluster.control import MemberStatus, Status
from deploy.cluster.member import Member, NotReady, Replica, Server, Tell, bound_socket
from deploy.cluster.nginx import Front, write_configuration
from deploy.cluster.ports import free_port
from deploy.cluster.process import Failed, Launch, Process, run
from deploy.cluster.settings import DRAIN_S, SERVICES, ClusterSettings
from libs.common.clock import Clock
from libs.common.data_dir import data_dir_held
from libs.common.errors import StartupRefused
from libs.common.secrets import load_or_create_key_file
from libs.common.tasks import Tasks

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"


class Cluster:
    """Made and run inside one event loop. `tell` gets a sentence whenever something happens."""

    def __init__(self, settings: ClusterSettings, *, clock: Clock, tell: Tell) -> None:
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._tasks = Tasks()
        self._members: dict[str, Member] = {}
        self._logs = settings.data_dir / "logs"
        self._held = ExitStack()
        self._restarting = asyncio.Lock()
        self.url = ""
        self.https_url = ""
        self.status_url = ""

    async def start(self) -> None:
        """Raises StartupRefused; what was started by then is ended by `aclose`."""
        self._held.enter_context(data_dir_held(self._settings.data_dir, advice="stop that cluster first"))
        # Root's PostgreSQL is another user's: it has to get past this directory, to see nothing in it.
        self._settings.data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self._logs.mkdir(exist_ok=True, mode=0o700)
        try:
            given = await self._start_stores()
            services = self._services(given)
            self._write_environment(services)
            await self._migrate(services)
            await self._start_replicas(services)
            await self._start_nginx()
        except NotReady as error:
            raise StartupRefused(f"{error}.") from error

    async def aclose(self) -> None:
        """The other way round: nobody asks for what has ended."""
        for group in self._groups_by_kind():
            await asyncio.gather(*(member.stop() for member in group))
        await self._tasks.aclose()
        self._held.close()

    def status(self) -> Status:
        return Status(
            url=self.url,
            https_url=self.https_url,
            status_url=self.status_url,
            members=[
                MemberStatus(
                    name=member.name,
                    state=member.state,
                    pid=member.process.pid if member.process is not None else 0,
                    port=member.port,
                    restarts=member.restarts,
                )
                for member in self._members.values()
            ],
        )

    def replicas(self) -> list[str]:
        return [name for name, member in self._members.items() if isinstance(member, Replica)]

    def member(self, name: str) -> Member:
        """Raises KeyError."""
        return self._members[name]

    async def restart(self, names: Sequence[str], tell: Tell) -> None:
        """One after the other: while a process drains, the next one's successor starts. Raises NotReady."""
        if self._restarting.locked():
            tell("another restart is under way; this one waits for it")
        async with self._restarting:
            retiring: asyncio.Task[None] | None = None
            try:
                for name in names:
                    began, member = self._clock.monotonic(), self._members[name]
                    former = await member.succeed()
                    if retiring is not None:
                        await retiring
                    retiring = self._tasks.spawn(f"retire {name}", self._retire(member, former, began, tell))
            finally:
                if retiring is not None:
                    await retiring

    async def _retire(self, member: Member, former: Process | None, began: float, tell: Tell) -> None:
        await member.retire(former)
        tell(f"{member.name} restarted in {self._clock.monotonic() - began:.1f} s")

    async def _start_stores(self) -> dict[str, str]:
        """The addresses of the stores, those given and our own."""
        environment = self._settings.environment
        given = {
            name: environment[name]
            for name in ("HEADGATE_REDIS_URL", "HEADGATE_REDIS_CACHE_URL", "HEADGATE_DATABASE_URL")
            if environment.get(name)
        }
        if "HEADGATE_REDIS_URL" not in given:
            given["HEADGATE_REDIS_URL"] = await self._start_redis("redis-state")
            given.setdefault("HEADGATE_REDIS_CACHE_URL", await self._start_redis("redis-cache"))
        if "HEADGATE_DATABASE_URL" not in given:
            given["HEADGATE_DATABASE_URL"] = await self._start_postgres()
        return given

    async def _start_redis(self, role: str) -> str:
        password = stores.secret_in(self._settings.data_dir / "redis.password")
        launch, port, url = stores.redis(role, self._settings.data_dir, self._logs, password)
        await self._start_server(role, launch, port)
        return url

    async def _start_postgres(self) -> str:
        stores.check_postgres_user()
        folder = stores.postgres_folder(self._settings.data_dir, self._settings.postgres_dir)
        password = stores.secret_in(self._settings.data_dir / "postgres.password")
        postgres = stores.Postgres(folder, self._logs, password)
        if not (folder / "PG_VERSION").exists():
            self._tell(f"making a database in {folder}")
        await postgres.prepare()
        await self._start_server("postgres", postgres.launch, postgres.port)
        await postgres.create_database()
        return postgres.url

    async def _start_server(self, name: str, launch: Launch, port: int) -> None:
        server = Server(name, launch, port=port, tasks=self._tasks, clock=self._clock, tell=self._tell)
        self._members[name] = server
        await server.start()

    def _services(self, stores_given: Mapping[str, str]) -> dict[str, str]:
        """What every replica is started with; a replica's own socket comes on top."""
        own = {
            "HEADGATE_DATA_DIR": str(self._settings.data_dir / "headgate"),
            "HEADGATE_TRUSTED_PROXIES": f"{LOOPBACK}/32",
            "HEADGATE_DRAIN_S": f"{DRAIN_S:g}",
            "HEADGATE_LOG_FORMAT": "json",
        }
        environment = {**own, **self._settings.environment, **stores_given}
        if not environment.get("HEADGATE_SECRET_KEY"):
            path = self._settings.data_dir / "secret.key"
            load_or_create_key_file(path)
            environment["HEADGATE_SECRET_KEY"] = path.read_text().strip()
        return environment

    def _write_environment(self, services: Mapping[str, str]) -> None:
        """For who backs up or migrates by hand; it holds every secret of the hub."""
        lines = [
            f"{name}='{value}'\n" for name, value in sorted(services.items()) if name.startswith("HEADGATE_")
        ]
        path = self._settings.environment_file
        path.touch(mode=0o600)
        path.write_text("".join(lines))

    async def _migrate(self, services: Mapping[str, str]) -> None:
        """Once, before any replica: ten processes would queue for the same lock."""
        try:
            command = [sys.executable, "-m", "services", "migrate", "up"]
            await run(command, environment=services, directory=ROOT)
        except Failed as error:
            raise StartupRefused(str(error)) from error

    async def _start_replicas(self, services: Mapping[str, str]) -> None:
        run_dir = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="headgate-cluster-")))
        sockets = {
            f"{service}-{number}": self._held.enter_context(bound_socket(LOOPBACK))
            for service in SERVICES
            for number in range(1, self._settings.replicas + 1)
        }
        environment = {**services, **_addresses(sockets)}
        replicas = [
            Replica(
                name,
                self._service_launch(name, environment),
                listening=listening,
                run_dir=run_dir,
                tasks=self._tasks,
                clock=self._clock,
                tell=self._tell,
            )
            for name, listening in sockets.items()
        ]
        self._members.update({replica.name: replica for replica in replicas})
        self._write_targets()
        outcomes = await asyncio.gather(*(replica.start() for replica in replicas), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    def _write_targets(self) -> None:
        groups = [{"targets": self._ports_of(name), "labels": {"service": name}} for name in SERVICES]
        # JSON, which is YAML too.
        self._settings.targets_file.write_bytes(msgspec.json.format(msgspec.json.encode(groups)) + b"\n")

    def _service_launch(self, name: str, environment: Mapping[str, str]) -> Launch:
        return Launch(
            command=[sys.executable, *service_arguments(name.rpartition("-")[0])],
            environment=environment,
            log=self._logs / f"{name}.log",
            directory=ROOT,
        )

    async def _start_nginx(self) -> None:
        http, https, status = (
            asked or free_port() for asked in (self._settings.http_port, self._settings.https_port, 0)
        )
        front = Front(
            directory=self._settings.data_dir / "nginx",
            http=f"{self._settings.host}:{http}",
            https=f"{self._settings.host}:{https}",
            status=f"{LOOPBACK}:{status}",
            gateways=self._ports_of("gateway"),
            streaming=self._ports_of("streaming"),
            client_timeout_s=self._settings.client_timeout_s,
            api_read_s=self._settings.api_read_s,
            stremio_read_s=self._settings.stremio_read_s,
            connections_per_address=self._settings.connections_per_address,
            workers=self._settings.workers,
            real_ip=[str(network) for network in self._settings.real_ip],
        )
        configuration = write_configuration(front)
        if front.has_root_workers:
            self._tell(f"nginx's workers run as root: nobody else gets to {front.directory}")
        launch = Launch(
            command=[
                stores.program("nginx", "nginx"),
                "-p",
                str(front.directory),
                "-c",
                str(configuration),
            ],
            environment={"PATH": os.defpath},
            log=self._logs / "nginx.log",
        )
        await self._start_server("nginx", launch, http)
        shown = LOOPBACK if self._settings.host == "0.0.0.0" else self._settings.host  # noqa: S104  only compared
        self.url, self.https_url = f"http://{shown}:{http}", f"https://{shown}:{https}"
        self.status_url = f"http://{LOOPBACK}:{status}/nginx_status"

    def _ports_of(self, service: str) -> list[str]:
        return [
            f"{LOOPBACK}:{member.port}"
            for name, member in self._members.items()
            if name.startswith(f"{service}-")
        ]

    def _groups_by_kind(self) -> list[list[Member]]:
        """nginx, then replicas from the outside in, then the stores."""
        servers = {name: member for name, member in self._members.items() if isinstance(member, Server)}
        front: list[Member] = [member for name, member in servers.items() if name == "nginx"]
        inner = [
            [member for member in self._members.values() if member.name.startswith(f"{service}-")]
            for service in reversed(SERVICES)
        ]
        behind: list[Member] = [member for name, member in servers.items() if name != "nginx"]
        return [front, *inner, behind]


def service_arguments(service: str) -> list[str]:
    """What Python is started with to be that service; the same in compose.yml."""
    return ["-m", f"services.{service}"]


def _addresses(sockets: Mapping[str, socket.socket]) -> dict[str, str]:
    """Every inner service's instances, by commas."""
    found: dict[str, list[str]] = {}
    for name, listening in sockets.items():
        service = name.rpartition("-")[0]
        found.setdefault(service, []).append(f"http://{LOOPBACK}:{listening.getsockname()[1]}")
    return {
        f"HEADGATE_{service.upper()}_URL": ",".join(urls)
        for service, urls in found.items()
        if service != "gateway"
    }

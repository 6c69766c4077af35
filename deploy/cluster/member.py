"""One member of the cluster: a server or a replica, kept running; a replica is restarted without a gap."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from deploy.cluster.ports import free_port
from deploy.cluster.process import Launch, Process, end, spawn
from deploy.cluster.watchdog import Watchdog
from libs.common.clock import Clock
from libs.common.handover import READY
from libs.common.tasks import Tasks

State: TypeAlias = Literal["starting", "running", "restarting", "down", "stopped"]
Tell: TypeAlias = Callable[[str], None]

READY_S = 60.0
LOOK_S = 0.02
BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
"""Who ran this long has recovered, and the next death is the first again."""


class NotReady(Exception):
    """It ended, or said nothing in time; the message names the log."""


class Member(ABC):
    """Kept running until it is stopped on purpose."""

    def __init__(self, name: str, launch: Launch, *, tasks: Tasks, clock: Clock, tell: Tell) -> None:
        self.name = name
        self.launch = launch
        self.state: State = "stopped"
        self.restarts = 0
        self.process: Process | None = None
        self._tasks = tasks
        self._clock = clock
        self._tell = tell
        self._lock = asyncio.Lock()
        self._wanted = False
        self._deaths = 0
        self._since = 0.0

    @property
    @abstractmethod
    def port(self) -> int: ...

    @abstractmethod
    async def _started(self) -> Process:
        """A process of it that is ready. Raises NotReady."""

    async def start(self) -> None:
        """Raises NotReady."""
        async with self._lock:
            self._wanted = True
            if self.state in ("stopped", "down"):
                former, self.state = self.state, "starting"
                try:
                    self._adopt(await self._started())
                except BaseException:
                    self.state = former
                    raise

    async def stop(self) -> None:
        """It stays stopped until it is started again."""
        # Whoever is starting it hears of it there, and lets the lock go.
        self._wanted = False
        async with self._lock:
            self.state = "stopped"
            process, self.process = self.process, None
            if process is not None and not await end(process, self.launch):
                self._tell(f"{self.name} had to be killed")
            self._turn_away()

    async def restart(self) -> None:
        """Raises NotReady."""
        await self.retire(await self.succeed())

    async def succeed(self) -> Process | None:
        """Ends and starts again. A replica has its successor ready first, and gives whom it succeeded."""
        await self.stop()
        await self.start()
        self.restarts += 1
        return None

    async def retire(self, former: Process | None) -> None:
        """Asks who was succeeded to end, and waits for it."""
        if former is not None and former.returncode is None and not await end(former, self.launch):
            self._tell(f"{self.name} did not end in time and was killed")

    def _turn_away(self) -> None:  # noqa: B027  a server's own socket is gone with it
        """Nobody is there to answer: callers are told so at once."""

    def _adopt(self, process: Process) -> None:
        self.process = process
        self.state = "running"
        self._since = self._clock.monotonic()
        self._tasks.spawn(f"watch {self.name}", self._watch(process))

    async def _watch(self, process: Process) -> None:
        """Starts it again, later each time, when it dies by itself."""
        status = await process.wait()
        while self._is_wanted(process):
            self.state = "down"
            if not self._lock.locked():
                self._turn_away()
            if self._clock.monotonic() - self._since > STEADY_S:
                self._deaths = 0
            pause_s = BACKOFF_S[min(self._deaths, len(BACKOFF_S) - 1)]
            self._deaths += 1
            self._tell(f"{self.name} ended with status {status}; starting it again in {pause_s:g} s")
            await self._clock.sleep(pause_s)
            async with self._lock:
                if not self._is_wanted(process):
                    return
                try:
                    self._adopt(await self._started())
                except NotReady as error:
                    if not self._is_wanted(process):
                        return
                    self._tell(str(error))
                    self._since = self._clock.monotonic()
                    continue
                self.restarts += 1
                self._tell(f"{self.name} is back")

    def _is_wanted(self, process: Process) -> bool:
        return self.process is process and self._wanted

    async def _wait_ready(self, process: Process, is_ready: Callable[[], bool]) -> None:
        """Raises NotReady. Whatever it raises, the process has ended by then."""
        end_at = self._clock.monotonic() + READY_S
        try:
            while not is_ready():
                if not self._wanted:
                    raise NotReady(f"{self.name} was stopped before it was ready")
                if process.returncode is not None or self._clock.monotonic() > end_at:
                    raise NotReady(f"{self.name} did not get ready; see {self.launch.log}")
                await self._clock.sleep(LOOK_S)
        except BaseException:
            await end(process, self.launch)
            raise


class Server(Member):
    """Somebody else's program, ready when its port answers."""

    def __init__(
        self, name: str, launch: Launch, *, port: int, tasks: Tasks, clock: Clock, tell: Tell
    ) -> None:
        super().__init__(name, launch, tasks=tasks, clock=clock, tell=tell)
        self._port = port

    @property
    def port(self) -> int:
        return self._port

    async def _started(self) -> Process:
        process = await spawn(self.launch)
        await self._wait_ready(process, self._answers)
        return process

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


class Replica(Member):
    """One process of a service on a socket that is ours, so it is there while processes come and go."""

    def __init__(
        self,
        name: str,
        launch: Launch,
        *,
        listening: socket.socket,
        run_dir: Path,
        tasks: Tasks,
        clock: Clock,
        tell: Tell,
    ) -> None:
        super().__init__(name, launch, tasks=tasks, clock=clock, tell=tell)
        self._listening = listening
        self._run_dir = run_dir
        self._watchdog = Watchdog()
        self._started_count = 0
        self._former: Process | None = None

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    def _turn_away(self) -> None:
        """Refused, a caller asks another replica; in the queue it would wait. A successor listens again."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RD)

    async def stop(self) -> None:
        await super().stop()
        former, self._former = self._former, None
        await self.retire(former)

    async def succeed(self) -> Process | None:
        """The successor is ready on the same socket before the former process is asked to end."""
        async with self._lock:
            former = self.process
            if self.state == "stopped":
                return None
            self.state = "restarting"
            try:
                successor = await self._started()
            except BaseException:
                # The former one goes on.
                self.state = "running" if former is not None and former.returncode is None else "down"
                raise
            self._former = former
            self._adopt(successor)
            self.restarts += 1
            return former

    def _adopt(self, process: Process) -> None:
        super()._adopt(process)
        self._tasks.spawn(f"watchdog of {self.name}", self._kill_when_hung(process))

    async def _kill_when_hung(self, process: Process) -> None:
        """A hung process keeps its connections, and callers waiting; a dead one's are asked of another.

        It was ready before, so it isn't just slow to start; one that is replaced or ended is left alone.
        """
        missed = 0
        while self._is_wanted(process) and process.returncode is None:
            if self._lock.locked() or await self._watchdog.hears(self.port):
                missed = 0
                await self._clock.sleep(self._watchdog.every_s)
                continue
            missed += 1
            if missed >= self._watchdog.misses and self._is_wanted(process) and not self._lock.locked():
                self._tell(f"{self.name} has not answered for {self._watchdog.silent_s:g} s and is killed")
                with suppress(ProcessLookupError):
                    process.kill()
                return

    async def _started(self) -> Process:
        self._started_count += 1
        path = self._run_dir / f"{self.name}.{self._started_count}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as word:
            word.setblocking(False)
            word.bind(str(path))
            fd = self._listening.fileno()
            given = {
                "HEADGATE_LISTEN_FD": str(fd),
                "HEADGATE_ADVERTISE_URL": f"http://127.0.0.1:{self.port}",
                "NOTIFY_SOCKET": str(path),
            }
            launch = Launch(
                command=self.launch.command,
                environment={**self.launch.environment, **given},
                log=self.launch.log,
                directory=self.launch.directory,
            )
            try:
                process = await spawn(launch, pass_fds=[fd])
                await self._wait_ready(process, lambda: _said_ready(word))
            finally:
                path.unlink(missing_ok=True)
        return process


def bound_socket(host: str, *, attempts: int = 5) -> socket.socket:
    """On a free port, asked for by number: only such a one is kept when the socket stops listening."""
    for attempt in range(attempts):
        bound = socket.socket()
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, free_port()))
        except OSError:
            bound.close()
            if attempt + 1 == attempts:
                raise
        else:
            return bound
    raise OSError("no port is free")


def _said_ready(word: socket.socket) -> bool:
    try:
        return word.recv(64) == READY
    except BlockingIOError:
        return False

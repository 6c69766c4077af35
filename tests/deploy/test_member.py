"""Keeping one replica running: its successor, its death, its stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.cluster.member import NotReady, Replica, bound_socket
from deploy.cluster.process import Launch, Process, spawn
from libs.common.clock import SystemClock
from libs.common.tasks import Tasks
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, socket, sys, time
from pathlib import Path
from libs.common.handover import inherited_socket, tell_ready
if Path(sys.argv[1]).exists():
    sys.exit("told not to start")
if Path(sys.argv[1] + ".deaf").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
while Path(sys.argv[1] + ".slow").exists():
    time.sleep(0.01)
listening = inherited_socket(int(os.environ["HEADGATE_LISTEN_FD"]))
listening.setblocking(True)
listening.listen()
tell_ready(os.environ["NOTIFY_SOCKET"])
while True:
    connection, _ = listening.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


class World:
    """One replica of a program that answers with its process id."""

    def __init__(self, directory: Path) -> None:
        self.broken = directory / "broken"
        self.deaf = directory / "broken.deaf"
        self.slow = directory / "broken.slow"
        self.said: list[str] = []
        self.listening = bound_socket("127.0.0.1")
        self.tasks = Tasks()
        launch = Launch(
            command=[sys.executable, "-c", PROGRAM, str(self.broken)],
            environment={**os.environ, "PYTHONPATH": str(ROOT)},
            log=directory / "log",
            stop_s=1.0,
        )
        self.replica = Replica(
            "catalog-1",
            launch,
            listening=self.listening,
            run_dir=directory,
            tasks=self.tasks,
            clock=SystemClock(),
            tell=self.said.append,
        )

    async def ask(self) -> int:
        """Which process answers. Raises ConnectionRefusedError when none does, and ConnectionResetError where
        one ends without an answer: what has read a question by then closes, what has not resets."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.replica.port)
        answer = await reader.read()
        writer.close()
        if not answer:
            raise ConnectionResetError
        return int(answer)

    @property
    def pid(self) -> int:
        assert self.replica.process is not None
        return self.replica.process.pid


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[World]:
    world = World(directory)
    try:
        yield world
    finally:
        await world.replica.stop()
        await world.tasks.aclose()
        world.listening.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path) as world:
        await world.replica.start()
        yield world


def truth(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return condition()

    return holds


async def test_a_successor_takes_over_the_socket(world: World) -> None:
    first = await world.ask()
    await world.replica.restart()
    assert await world.ask() == world.pid != first
    assert (world.replica.state, world.replica.restarts) == ("running", 1)
    assert world.said == []


async def test_a_successor_that_does_not_start_leaves_the_former_one_in_place(world: World) -> None:
    former = world.pid
    world.broken.touch()
    with pytest.raises(NotReady, match="catalog-1 did not get ready; see "):
        await world.replica.restart()
    assert await world.ask() == former
    assert (world.replica.state, world.replica.restarts) == ("running", 0)


async def test_a_dead_replica_refuses_until_it_is_back(world: World) -> None:
    dead = world.pid
    world.broken.touch()
    os.kill(dead, signal.SIGKILL)
    await until(truth(lambda: any("did not get ready" in sentence for sentence in world.said)))
    with pytest.raises(ConnectionRefusedError):
        await world.ask()
    world.broken.unlink()
    await until(truth(lambda: world.replica.state == "running"))
    assert await world.ask() == world.pid != dead
    assert world.said[0] == "catalog-1 ended with status -9; starting it again in 0.1 s"
    assert world.said[-1] == "catalog-1 is back"
    assert world.replica.restarts == 1


async def test_a_stopped_replica_stays_away_and_keeps_its_port(world: World) -> None:
    port = world.replica.port
    await world.replica.stop()
    with pytest.raises(ConnectionRefusedError):
        await world.ask()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    await world.replica.start()
    assert await world.ask() == world.pid


@pytest.mark.parametrize("verb", ["start", "restart"])
async def test_a_stop_while_it_starts_is_final_until_the_next_start(tmp_path: Path, verb: str) -> None:
    async with running(tmp_path) as world:
        if verb == "restart":
            await world.replica.start()
        world.slow.touch()
        under_way = world.tasks.spawn(verb, getattr(world.replica, verb)())
        await until(truth(lambda: world.replica.state == f"{verb}ing"))
        await world.replica.stop()
        with pytest.raises(NotReady, match="was stopped before it was ready"):
            await under_way
        assert (world.replica.state, world.replica.process) == ("stopped", None)
        with pytest.raises(ConnectionRefusedError):
            await world.ask()
        world.slow.unlink()
        await world.replica.start()
        assert await world.ask() == world.pid


async def test_a_start_that_fails_can_be_tried_again(tmp_path: Path) -> None:
    async with running(tmp_path) as world:
        world.broken.touch()
        with pytest.raises(NotReady):
            await world.replica.start()
        assert world.replica.state == "stopped"
        world.broken.unlink()
        await world.replica.start()
        assert await world.ask() == world.pid


async def test_a_start_that_is_cancelled_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned: list[Process] = []

    async def remembers(launch: Launch, *, pass_fds: Sequence[int] = ()) -> Process:
        spawned.append(await spawn(launch, pass_fds=pass_fds))
        return spawned[-1]

    monkeypatch.setattr("deploy.cluster.member.spawn", remembers)
    async with running(tmp_path) as world:
        world.slow.touch()
        starting = world.tasks.spawn("start", world.replica.start())
        await until(truth(lambda: bool(spawned)))
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert spawned[0].returncode is not None
        assert world.replica.state == "stopped"


async def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    async with running(tmp_path) as world:
        world.deaf.touch()
        await world.replica.start()
        await world.replica.stop()
        assert world.said == ["catalog-1 had to be killed"]


async def test_a_stopped_process_hears_that_it_is_to_end(world: World) -> None:
    os.kill(world.pid, signal.SIGSTOP)
    await world.replica.stop()
    assert world.said == []


async def test_a_hung_process_is_killed_and_its_callers_are_cut_off(world: World) -> None:
    hung = world.pid
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(ConnectionResetError):
        await world.ask()
    await until(truth(lambda: world.replica.restarts == 1))
    assert await world.ask() == world.pid != hung
    assert world.said == [
        "catalog-1 has not answered for 4.5 s and is killed",
        "catalog-1 ended with status -9; starting it again in 0.1 s",
        "catalog-1 is back",
    ]

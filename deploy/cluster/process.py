"""Starting a process so that it ends with the supervisor, and asking it to end."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Failed", "Launch", "Process", "end", "run", "spawn"]

END_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to start, with what, as whom. `environment` is the whole of it and may hold secrets."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    log: Path
    directory: Path | None = None
    user: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_s: float = 30.0


class Failed(Exception):
    """It ended with another status than 0; the message is all it said."""


async def run(
    command: Sequence[str], *, environment: Mapping[str, str], directory: Path | None = None, user: str = ""
) -> str:
    """What it printed until it ended. Raises Failed.

    Cancelled, it has ended with all that it started before this returns: nothing may still write when the
    data directory is given up.
    """
    process = await asyncio.create_subprocess_exec(
        *_ends_with_us(signal.SIGTERM, user),
        *command,
        env=dict(environment),
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, complained = await process.communicate()
    except BaseException:
        await _end_with_children(process)
        raise
    if process.returncode:
        raise Failed((said + complained).decode().strip())
    return said.decode()


async def _end_with_children(process: Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                # Its pipes are its children's too: they end with the last of them.
                await process.communicate()
                return


def _ends_with_us(number: signal.Signals, user: str) -> list[str]:
    """What goes before a command: a supervisor that is killed takes it along; nobody else would end it."""
    wrapper = ["setpriv", "--pdeathsig", number.name.removeprefix("SIG")]
    return [*wrapper, "--reuid", user, "--regid", user, "--init-groups"] if user else wrapper


async def spawn(launch: Launch, *, pass_fds: Sequence[int] = ()) -> Process:
    """In a session of its own, so that Ctrl-C reaches the supervisor alone, which ends things in order."""
    with launch.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *_ends_with_us(launch.stop_signal, launch.user),
            *launch.command,
            env=dict(launch.environment),
            cwd=launch.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=pass_fds,
            start_new_session=True,
        )


async def end(process: Process, launch: Launch) -> bool:
    """Ask it to end and wait. False if it had to be killed."""
    with suppress(ProcessLookupError):
        process.send_signal(launch.stop_signal)
        # One that was stopped couldn't hear.
        os.kill(process.pid, signal.SIGCONT)
    try:
        async with asyncio.timeout(launch.stop_s):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
    return True

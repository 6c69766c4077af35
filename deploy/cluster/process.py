"""Starting one process so that it ends with the supervisor, and asking it to end."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Launch", "Process", "end", "spawn"]


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


async def spawn(launch: Launch, *, pass_fds: Sequence[int] = ()) -> Process:
    """In a session of its own, so that Ctrl-C reaches the supervisor alone, which ends things in order."""
    # A supervisor that is killed takes its processes along; nobody else would ever end them.
    wrapper = ["setpriv", "--pdeathsig", launch.stop_signal.name.removeprefix("SIG")]
    if launch.user:
        wrapper += ["--reuid", launch.user, "--regid", launch.user, "--init-groups"]
    with launch.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *wrapper,
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

"""`python -m services migrate status|up|down [service]`: the databases' versions, for people."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TextIO

from libs.common.data_dir import data_dir_held
from libs.common.db import sqlite_file, sqlite_path
from libs.common.db.history import History, services_with_histories
from libs.common.db.migrate import Status, downgrade, status, upgrade
from libs.common.errors import StartupRefused
from libs.common.settings import DEFAULT_PORTS, CommonSettings, Env

USAGE = """\
usage: python -m services migrate status [SERVICE]       what version each database is at
       python -m services migrate up [SERVICE]           apply what is pending
       python -m services migrate down SERVICE [--yes]   take the newest migration back; what it holds is lost
Stop the hub before `up` and `down`.
"""
SURE = "--yes"


@dataclass(frozen=True, slots=True)
class _Command:
    verb: str
    services: tuple[str, ...]
    sure: bool


def migrate_command(argv: Sequence[str], env: Mapping[str, str], *, terminal: TextIO | None = None) -> int:
    """Carry out one verb and return the exit status: 0 done, 1 refused, 2 not understood.

    `terminal` is where `down` without `--yes` asks, if a person sits there; by default standard input.
    """
    if argv and argv[0] in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0
    command = _understood(argv)
    if command is None:
        sys.stderr.write(USAGE)
        return 2
    known = services_with_histories()
    wrong = [name for name in command.services if name not in known]
    if wrong:
        sys.stderr.write(f"{wrong[0]!r} has no database; these have: {', '.join(known)}\n")
        return 2
    try:
        for service in command.services or known:
            _carry_out(command, service, env, terminal if terminal is not None else sys.stdin)
    except StartupRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return 0


def _understood(argv: Sequence[str]) -> _Command | None:
    verb, *services = [word for word in argv if word != SURE] or [""]
    sure = SURE in argv
    most, least = {"status": (1, 0), "up": (1, 0), "down": (1, 1)}.get(verb, (-1, 0))
    if not least <= len(services) <= most or (sure and verb != "down"):
        return None
    return _Command(verb, tuple(services), sure)


def _carry_out(command: _Command, service: str, env: Mapping[str, str], terminal: TextIO) -> None:
    settings = CommonSettings.from_env(Env(env), service=service, default_port=DEFAULT_PORTS[service])
    url = settings.database_url_for(service)
    with ExitStack() as held:
        if command.verb != "status" and sqlite_path(url) is not None:
            held.enter_context(data_dir_held(settings.data_dir, advice="stop the hub first"))
        if command.verb == "up":
            asyncio.run(upgrade(url, service=service))
        elif command.verb == "down":
            _take_back(url, service, sure=command.sure, terminal=terminal)
    sys.stdout.write(_line(asyncio.run(status(url, service=service))))


def _take_back(url: str, service: str, *, sure: bool, terminal: TextIO) -> None:
    history = History.of(service)
    current = asyncio.run(status(url, service=service)).current
    if current is None:
        return
    below = history.before(current)
    path = sqlite_path(url)
    advice = "Stop every process that uses it first, and make a backup."
    if path is not None:
        advice = f"A copy of the file is kept as {sqlite_file.copy_path(path)}."
    sys.stderr.write(
        f"The {service} database goes back from version {current} to {below or 'none'}. "
        f"What version {current} brought is lost: {history.about(current)} {advice}\n"
    )
    if not sure and not _agrees(service, terminal):
        raise StartupRefused(f"Nothing was changed; add {SURE} to go on without being asked.")
    asyncio.run(downgrade(url, service=service, to=below))


def _agrees(service: str, terminal: TextIO) -> bool:
    if not terminal.isatty():
        return False
    sys.stderr.write(f"Type {service} to go on: ")
    sys.stderr.flush()
    return terminal.readline().strip() == service


def _line(status: Status) -> str:
    todo = f"{status.pending} pending" if status.pending else "up to date"
    return f"{status.service:<10} at {status.current or 'none':<5} of {status.head or 'none':<5} {todo}\n"

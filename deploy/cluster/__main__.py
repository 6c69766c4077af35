"""`python -m deploy.cluster run|restart|status`: the verbs behind `make cluster`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import structlog

from deploy.cluster.client import Client
from deploy.cluster.control import Asked, Said, Say, Status, serve_control
from deploy.cluster.member import NotReady
from deploy.cluster.settings import ClusterSettings
from deploy.cluster.supervisor import Cluster
from libs.common.clock import SystemClock
from libs.common.errors import StartupRefused
from libs.common.tasks import Tasks

USAGE = """\
usage: python -m deploy.cluster run               run nginx, two of each service, Redis and PostgreSQL
       python -m deploy.cluster restart [NAME …]  restart the running one's replicas, one at a time
       python -m deploy.cluster stop [NAME …]     end them; they stay away until they are started
       python -m deploy.cluster start [NAME …]    start them again
       python -m deploy.cluster status            what runs, and how often it was restarted
"""


def tell(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


async def run(settings: ClusterSettings) -> None:
    """Until SIGINT or SIGTERM. Raises StartupRefused."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    cluster = Cluster(settings, clock=SystemClock(), tell=tell)
    tasks = Tasks()
    try:
        starting = tasks.spawn("start", _refusal_of(cluster))
        stopped = tasks.spawn("stop", stop.wait())
        await asyncio.wait([starting, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            return
        refusal = await starting
        if refusal is not None:
            raise refusal
        with tempfile.TemporaryDirectory(prefix="headgate-control-") as folder:
            control = await serve_control(
                Path(folder) / "control", lambda asked, say: obey(cluster, asked, say)
            )
            settings.control_file.write_text(f"{folder}/control")
            tell(f"Headgate is at {cluster.url} and {cluster.https_url} (Ctrl-C ends it)")
            await stop.wait()
            settings.control_file.unlink(missing_ok=True)
            control.close()
    finally:
        tell("stopping")
        await tasks.aclose()
        await cluster.aclose()


async def _refusal_of(cluster: Cluster) -> StartupRefused | None:
    try:
        await cluster.start()
    except StartupRefused as refusal:
        return refusal
    return None


async def obey(cluster: Cluster, asked: Asked, say: Say) -> Status:
    """Carry out what somebody asked over the control socket. Raises StartupRefused."""
    there = [one.name for one in cluster.status().members]
    unknown = [name for name in asked.names if name not in there]
    if unknown:
        raise StartupRefused(
            f"There is no {', '.join(unknown)} here, and nothing was done; there is {', '.join(there)}."
        )
    if asked.verb == "restart":
        try:
            await cluster.restart(asked.names or cluster.replicas(), lambda text: say(Said(sentence=text)))
        except NotReady as error:
            raise StartupRefused(f"{error}; the former process goes on") from error
    if asked.verb in ("stop", "start"):
        members = [cluster.member(name) for name in asked.names or cluster.replicas()]
        try:
            await asyncio.gather(*(one.stop() if asked.verb == "stop" else one.start() for one in members))
        except NotReady as error:
            raise StartupRefused(f"{error}.") from error
    return cluster.status()


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """The exit status: 1 after a refusal, told in one sentence; 2 when not understood."""
    verb, *names = arguments or [""]
    # Without what variables held: they hold passwords.
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    try:
        settings = ClusterSettings.from_env(environment)
        if verb == "run" and not names:
            asyncio.run(run(settings))
        elif verb == "restart":
            Client.of(settings).restart(*names, tell=tell)
        elif verb == "stop":
            Client.of(settings).stop(*names)
        elif verb == "start":
            Client.of(settings).start(*names)
        elif verb == "status" and not names:
            tell(table(Client.of(settings).status()))
        else:
            sys.stderr.write(USAGE)
            return 0 if verb in {"-h", "--help", "help"} else 2
    except StartupRefused as refusal:
        sys.stderr.write(f"headgate: {refusal}\n")
        return 1
    return 0


def table(status: Status) -> str:
    lines = [f"{'name':<14}{'state':<12}{'pid':>8}{'port':>7}{'restarts':>10}"]
    lines += [
        f"{one.name:<14}{one.state:<12}{one.pid or '-':>8}{one.port:>7}{one.restarts:>10}"
        for one in status.members
    ]
    return "\n".join([*lines, f"{status.url}  {status.https_url}  {status.status_url}"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

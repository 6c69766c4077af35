"""Migrations at start in a process of their own: what they load, 25 MB, doesn't stay for the hub's life."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

import structlog

from libs.common.db.history import services_with_histories
from libs.common.db.migrate import Status, status, upgrade
from libs.common.errors import StartupRefused
from libs.common.settings import DEFAULT_PORTS, CommonSettings, Env

REFUSED = 3

log = structlog.get_logger(__name__)


def upgrade_apart(settings: CommonSettings, services: Sequence[str], environment: Mapping[str, str]) -> None:
    """Bring the databases of `services` up to date. Raises StartupRefused like `upgrade`.

    Only what is pending costs a process. If that one can't run or dies, the databases stay as they are: each
    service upgrades its own before it uses it, and that will say why it can't be done.
    """
    known = services_with_histories()
    found = [asyncio.run(_status(settings, name)) for name in services if name in known]
    pending = [one for one in found if one.pending]
    if not pending:
        return
    try:
        subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", __name__, *(one.service for one in pending)],
            env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        if isinstance(error, subprocess.CalledProcessError) and error.returncode == REFUSED:
            raise StartupRefused(error.stdout.strip()) from error
        log.warning("migration_process_failed", error=str(error))
        return
    for one in pending:
        log.info("database_migrated", service=one.service, before=one.current, after=one.head)


async def _status(settings: CommonSettings, service: str) -> Status:
    return await status(settings.database_url_for(service), service=service)


def _main(services: Sequence[str], environment: Mapping[str, str]) -> int:
    # Standard output is for a refusal alone; the parent writes the log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        for service in services:
            settings = CommonSettings.from_env(
                Env(environment), service=service, default_port=DEFAULT_PORTS[service]
            )
            asyncio.run(upgrade(settings.database_url_for(service), service=service))
    except StartupRefused as refusal:
        sys.stdout.write(f"{refusal}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    gc.disable()  # it lives for less than a second, most of which is loading
    sys.exit(_main(sys.argv[1:], os.environ))

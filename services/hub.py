"""The whole hub in one process: five services on private sockets, only the gateway on a public port.

The only module that imports several services. `migrate`, `backup` and `restore` work on its
databases instead.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from libs.common import log as logs
from libs.common.data_dir import data_dir_held, private_sockets
from libs.common.db.apart import upgrade_apart
from libs.common.db.backup.cli import backup_command
from libs.common.db.cli import migrate_command
from libs.common.errors import StartupRefused
from libs.common.serve import run_loop, serve_until_stopped, tell_usage
from libs.common.settings import INNER_SERVICES as INNER
from libs.common.settings import CommonSettings
from libs.common.spans import exporting
from services.auth.app import create_app as create_auth
from services.auth.settings import Settings as AuthSettings
from services.catalog.app import create_app as create_catalog
from services.catalog.settings import Settings as CatalogSettings
from services.gateway.app import create_app as create_gateway
from services.gateway.settings import Settings as GatewaySettings
from services.streaming.app import create_app as create_streaming
from services.streaming.settings import Settings as StreamingSettings
from services.sync.app import create_app as create_sync
from services.sync.settings import Settings as SyncSettings

USAGE = """\
usage: python -m services              run the hub: all services in this process
       python -m services.NAME         run one service: auth, catalog, streaming, sync or gateway
       python -m services migrate …    show or change the databases' versions; --help says how
       python -m services backup FILE  everything the hub keeps as one file; restore FILE brings it back
       headgate …                      the same, where it is installed
Settings are environment variables: see docs/settings.md.
"""


def hub_environment(environment: Mapping[str, str], sockets: Path) -> dict[str, str]:
    """The operator's environment with every inner service moved to a private socket."""
    addresses = {f"HEADGATE_{name.upper()}_URL": f"unix:{sockets / name}.sock" for name in INNER}
    return {**environment, **addresses}


def create_apps(environment: Mapping[str, str]) -> dict[str, web.Application]:
    """The five applications of one hub, in the order they have to start."""
    return {
        "auth": create_auth(AuthSettings.from_env(environment)),
        "catalog": create_catalog(CatalogSettings.from_env(environment)),
        "streaming": create_streaming(StreamingSettings.from_env(environment)),
        "sync": create_sync(SyncSettings.from_env(environment)),
        "gateway": create_gateway(GatewaySettings.from_env(environment)),
    }


async def run_hub(environment: Mapping[str, str], gateway: CommonSettings, sockets: Path) -> None:
    """Serves until SIGINT or SIGTERM. The gateway starts last: whoever reaches it finds the others."""
    apps = create_apps(hub_environment(environment, sockets))
    inner = [(apps[name], f"unix:{sockets / name}.sock") for name in INNER]
    public = [(apps["gateway"], gateway.address)]
    await serve_until_stopped(
        [inner, public],
        shutdown_s=gateway.shutdown_s,
        drain_s=gateway.drain_s,
        notify_socket=gateway.notify_socket,
    )


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """The exit status: 1 after a refusal, with one sentence saying what to do; 2 when not understood."""
    if arguments[:1] == ["migrate"]:
        return migrate_command(arguments[1:], environment)
    if arguments[:1] in (["backup"], ["restore"]):
        return backup_command(arguments, environment)
    if arguments:
        return tell_usage(USAGE, arguments)
    try:
        gateway = GatewaySettings.from_env(environment).common
        logs.configure(gateway)
        with (
            data_dir_held(gateway.data_dir),
            private_sockets(gateway.data_dir) as sockets,
            exporting(environment),
        ):
            upgrade_apart(gateway, INNER, environment)
            run_loop(run_hub(environment, gateway, sockets))
    except StartupRefused as refusal:
        sys.stderr.write(f"headgate: {refusal}\n")
        return 1
    return 0

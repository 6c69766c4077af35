"""nginx's configuration from the one template, and a certificate of our own where none is given."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.cluster.stores import others_get_to
from libs.common.balance.member import KEEPALIVE_S
from libs.common.errors import StartupRefused

FOLDER = Path(__file__).parents[1] / "nginx"
TEMPLATE = FOLDER / "headgate.conf.template"
PAGE = FOLDER / "maintenance.html"
VARIABLE = re.compile(r"\$\{([A-Z_]+)\}")
CERTIFICATE_DAYS = 365
WORKER_CONNECTIONS = 32_768
OTHER_FILES = 500
"""What a worker has open beside its connections: logs, listeners, answers that it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the cluster on one machine fills into the template."""

    directory: Path
    http: str
    https: str
    status: str
    gateways: Sequence[str]
    streaming: Sequence[str]
    client_timeout_s: int
    api_read_s: float
    stremio_read_s: float
    connections_per_address: int
    workers: int
    real_ip: Sequence[str] = ()

    @property
    def has_root_workers(self) -> bool:
        """Root's nginx has workers without rights, unless such can't get to the directory they work in."""
        return os.geteuid() == 0 and not others_get_to(self.directory)

    def variables(self) -> dict[str, str]:
        return {
            "NGINX_MAIN": "daemon off;" + (" user root root;" if self.has_root_workers else ""),
            "NGINX_WORKERS": str(self.workers),
            "NGINX_WORKER_CONNECTIONS": str(_worker_connections()),
            "NGINX_DIR": str(self.directory),
            "NGINX_ERROR_LOG": "stderr",
            "NGINX_ACCESS_LOG": str(self.directory / "access.log"),
            "NGINX_RESOLVER": "",
            "NGINX_REAL_IP": " ".join(f"set_real_ip_from {network};" for network in self.real_ip),
            "NGINX_CLIENT_TIMEOUT_S": str(self.client_timeout_s),
            "NGINX_API_READ_S": f"{self.api_read_s:g}",
            "NGINX_STREMIO_READ_S": f"{self.stremio_read_s:g}",
            "NGINX_UPSTREAM_KEEPALIVE_S": f"{KEEPALIVE_S:g}",
            "NGINX_MAX_BODY": "2m",
            "NGINX_CONNECTIONS_PER_ADDRESS": str(self.connections_per_address),
            "NGINX_CERTIFICATE": str(self.directory / "certificate.pem"),
            "NGINX_CERTIFICATE_KEY": str(self.directory / "certificate.key"),
            "NGINX_GATEWAYS": servers(self.gateways),
            "NGINX_STREAMING": servers(self.streaming),
            "NGINX_STATUS": self.status,
            "NGINX_HTTP": self.http,
            "NGINX_HTTPS": self.https,
            "NGINX_PAGES": str(self.directory),
        }


def _worker_connections() -> int:
    """What the system lets a process open: at that bound nginx ends idle connections instead of failing."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WORKER_CONNECTIONS if most < 0 else max(OTHER_FILES, min(WORKER_CONNECTIONS, most - OTHER_FILES))


def servers(addresses: Sequence[str]) -> str:
    """Lines of an upstream: three failures in two seconds, and the next two seconds others are asked."""
    return " ".join(f"server {address} max_fails=3 fail_timeout=2s;" for address in addresses)


def render(template: str, variables: Mapping[str, str]) -> str:
    """As envsubst does in the official image, except that a name without a value is an error."""
    missing = sorted({name for name in VARIABLE.findall(template) if name not in variables})
    if missing:
        raise KeyError(", ".join(missing))
    return VARIABLE.sub(lambda found: variables[found[1]], template)


def write_configuration(front: Front) -> Path:
    """The directory with all that nginx reads; the path of the configuration."""
    directory = front.directory
    directory.mkdir(parents=True, exist_ok=True)
    # Workers that aren't root get to their files in there, and nobody sees what else there is.
    directory.chmod(0o711 if os.geteuid() == 0 else 0o700)
    (directory / "access.log").touch(mode=0o600)
    make_certificate(directory)
    page = directory / PAGE.name
    page.write_bytes(PAGE.read_bytes())
    page.chmod(0o644)
    # What is kept belongs to the user that workers were before; it is there again within seconds.
    shutil.rmtree(directory / "cache", ignore_errors=True)
    path = directory / "nginx.conf"
    path.write_text(render(TEMPLATE.read_text(), front.variables()))
    return path


def make_certificate(directory: Path) -> None:
    """Signed by itself, for this machine's own names; replace both files with real ones and restart."""
    certificate, key = directory / "certificate.pem", directory / "certificate.key"
    if certificate.exists() and key.exists():
        return
    key.touch(mode=0o600)
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", str(CERTIFICATE_DAYS)]
    command += ["-subj", "/CN=headgate", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  fixed words and our own paths
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartupRefused(
            "openssl can't make a certificate; install it, or put certificate.pem and certificate.key into "
            f"{directory}."
        ) from error

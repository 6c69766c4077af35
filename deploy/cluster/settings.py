"""What an operator may set about a cluster on one machine; what the services read is passed on to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from libs.common.balance.member import KEEPALIVE_S
from libs.common.env import Env
from libs.common.networks import IPNetwork

SERVICES = ("auth", "catalog", "streaming", "sync", "gateway")
"""In the order they are started and restarted: whoever asks others comes after them."""

DRAIN_S = KEEPALIVE_S + 1
"""A replica that ends answers this long on open connections, longer than callers keep idle ones."""

READ_MARGIN_S = 5.0
"""So much longer than a gateway lets a call take nginx waits before it takes silence for a hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """`environment` is the operator's own, with every HEADGATE_* variable meant for the services."""

    data_dir: Path
    postgres_dir: Path | None
    host: str
    http_port: int
    https_port: int
    replicas: int
    client_timeout_s: int
    api_read_s: float
    stremio_read_s: float
    connections_per_address: int
    workers: int
    real_ip: tuple[IPNetwork, ...]
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> ClusterSettings:
        """Raise SettingsError naming the variable that is wrong."""
        env = Env(variables)
        return cls(
            data_dir=env.path("CLUSTER_DATA_DIR", "./data/cluster"),
            postgres_dir=env.path("CLUSTER_POSTGRES_DIR", None),
            host=env.text("CLUSTER_HOST", "127.0.0.1"),
            http_port=env.integer("CLUSTER_HTTP_PORT", 8080, minimum=0, maximum=65_535),
            https_port=env.integer("CLUSTER_HTTPS_PORT", 8443, minimum=0, maximum=65_535),
            replicas=env.integer("CLUSTER_REPLICAS", 2, minimum=1, maximum=16),
            client_timeout_s=env.integer("CLUSTER_CLIENT_TIMEOUT_S", 15, minimum=1),
            api_read_s=env.seconds("HEADGATE_API_TIMEOUT_S", 30.0) + READ_MARGIN_S,
            stremio_read_s=env.seconds("HEADGATE_STREMIO_TIMEOUT_S", 20.0) + READ_MARGIN_S,
            connections_per_address=env.integer(
                "CLUSTER_CONNECTIONS_PER_ADDRESS", 256, minimum=1, maximum=65_535
            ),
            workers=env.integer("CLUSTER_NGINX_WORKERS", 1, minimum=1),
            real_ip=env.networks("CLUSTER_REAL_IP"),
            environment=dict(variables),
        )

    @property
    def control_file(self) -> Path:
        """Says where the supervisor that runs on this data listens."""
        return self.data_dir / "control"

    @property
    def targets_file(self) -> Path:
        """Where every replica is, for a Prometheus (`file_sd_configs`)."""
        return self.data_dir / "targets.yml"

    @property
    def environment_file(self) -> Path:
        """What the services were started with, for backups and migrations by hand."""
        return self.data_dir / "cluster.env"

"""The settings that every service shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, cast
from urllib.parse import SplitResult, urlsplit

from libs.common.balance.addresses import Registered, is_instance_url, parse_whereabouts
from libs.common.env import Env
from libs.common.errors import SettingsError
from libs.common.handover import activated_fd
from libs.common.networks import IPNetwork
from libs.common.secrets import SecretKey, load_or_create_key_file

__all__ = ["CommonSettings", "Env", "SettingsError"]

LogFormat: TypeAlias = Literal["console", "json"]

DEFAULT_PORTS: Mapping[str, int] = MappingProxyType(
    {"gateway": 8080, "auth": 8081, "catalog": 8082, "streaming": 8083, "sync": 8084}
)
INNER_SERVICES = ("auth", "catalog", "streaming", "sync")
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSettings:
    """What every service wants to know. Addresses with passwords and the key are left out of `repr`."""

    service: str
    host: str
    port: int
    listen_fd: int
    notify_socket: str
    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    redis_cache_url: str = field(repr=False)
    secret_key: SecretKey = field(repr=False)
    public_url: str
    trusted_proxies: tuple[IPNetwork, ...]
    allow_private_upstreams: bool
    log_level: str
    log_format: LogFormat
    log_file: Path | None
    log_file_max_bytes: int
    access_log_sample: float
    max_in_flight: int
    service_urls: Mapping[str, str]
    advertise_url: str
    hedge: bool
    memory_warn_bytes: int
    drain_s: float
    shutdown_s: float
    env: Env = field(repr=False, compare=False)

    @classmethod
    def from_env(cls, env: Env, *, service: str, default_port: int) -> CommonSettings:
        """Read and check everything; makes the key file in the data directory when no key is given."""
        data_dir = data_dir_of(env)
        database_url = _database_url(env)
        redis_url = _redis_url(env, "HEADGATE_REDIS_URL")
        redis_cache_url = _redis_url(env, "HEADGATE_REDIS_CACHE_URL")
        one_household = not database_url and not redis_url
        return cls(
            service=service,
            host=env.text("HEADGATE_HOST", "127.0.0.1"),
            port=_port(env, service, default_port),
            listen_fd=env.integer("HEADGATE_LISTEN_FD", 0, minimum=0) or activated_fd(env),
            notify_socket=env.get("NOTIFY_SOCKET", ""),
            data_dir=data_dir,
            database_url=database_url,
            redis_url=redis_url,
            redis_cache_url=redis_cache_url or redis_url,
            secret_key=_secret_key(env, data_dir, shared=bool(database_url or redis_url or redis_cache_url)),
            public_url=_public_url(env.text("HEADGATE_PUBLIC_URL")),
            trusted_proxies=env.networks("HEADGATE_TRUSTED_PROXIES"),
            # A household's addons stand on its own network; an operator's strangers must not reach into his.
            allow_private_upstreams=env.flag("HEADGATE_ALLOW_PRIVATE_UPSTREAMS", one_household),
            log_level=env.choice("HEADGATE_LOG_LEVEL", "info", LOG_LEVELS),
            log_format=cast(LogFormat, env.choice("HEADGATE_LOG_FORMAT", "console", ("console", "json"))),
            log_file=env.path("HEADGATE_LOG_FILE", None),
            log_file_max_bytes=env.integer("HEADGATE_LOG_FILE_MAX_BYTES", 10_485_760, minimum=4096),
            access_log_sample=env.number("HEADGATE_ACCESS_LOG_SAMPLE", 0.01, minimum=0, maximum=1),
            max_in_flight=env.integer("HEADGATE_MAX_IN_FLIGHT", 2000, minimum=10, maximum=100_000),
            service_urls=_service_urls(env, redis_url),
            advertise_url=_advertise_url(env),
            hedge=env.flag("HEADGATE_HEDGE", False),
            memory_warn_bytes=env.integer("HEADGATE_MEMORY_WARN_BYTES", 0, minimum=0),
            drain_s=env.seconds("HEADGATE_DRAIN_S", 0.0, maximum=600),
            shutdown_s=env.seconds("HEADGATE_SHUTDOWN_S", 10.0, maximum=600),
            env=env,
        )

    @property
    def address(self) -> str:
        """Where to listen: "fd:number", "unix:/path" or "host:port" (an IPv6 host in brackets)."""
        if self.listen_fd:
            return f"fd:{self.listen_fd}"
        if self.host.startswith("unix:"):
            return self.host
        host = f"[{self.host}]" if ":" in self.host and not self.host.startswith("[") else self.host
        return f"{host}:{self.port}"

    def database_url_for(self, service: str) -> str:
        """The database of `service`: a file of its own, or its schema in the shared PostgreSQL."""
        return self.database_url if self.database_url else f"sqlite:///{self.data_dir / service}.db"


def data_dir_of(env: Env) -> Path:
    return env.path("HEADGATE_DATA_DIR", "./data")


def key_file(data_dir: Path) -> Path:
    return data_dir / "secret.key"


def _port(env: Env, service: str, default_port: int) -> int:
    """A variable each, so that five processes may share one environment; HEADGATE_PORT is the public one."""
    name = "HEADGATE_PORT" if service == "gateway" else f"HEADGATE_{service.upper()}_PORT"
    return env.integer(name, default_port, minimum=0, maximum=65_535)


def _secret_key(env: Env, data_dir: Path, *, shared: bool) -> SecretKey:
    """The operator's key, or the data directory's own, which processes that share a server can't rely on."""
    text = env.text("HEADGATE_SECRET_KEY")
    if text:
        return SecretKey.from_text(text)
    if shared:
        raise SettingsError(
            "HEADGATE_SECRET_KEY has to be set with PostgreSQL or Redis, the same for every process, since "
            "each would make a key of its own; make one with: openssl rand -hex 32"
        )
    return load_or_create_key_file(key_file(data_dir))


def _service_urls(env: Env, redis_url: str) -> Mapping[str, str]:
    urls = {
        name: env.text(f"HEADGATE_{name.upper()}_URL", f"http://127.0.0.1:{DEFAULT_PORTS[name]}").rstrip("/")
        for name in INNER_SERVICES
    }
    for name, url in urls.items():
        try:
            where = parse_whereabouts(url)
        except ValueError as error:
            raise SettingsError(f"HEADGATE_{name.upper()}_URL {error}") from error
        if isinstance(where, Registered) and not redis_url:
            raise SettingsError(
                f"HEADGATE_{name.upper()}_URL=redis: needs HEADGATE_REDIS_URL, where instances register."
            )
    return MappingProxyType(urls)


def _advertise_url(env: Env) -> str:
    url = env.text("HEADGATE_ADVERTISE_URL").rstrip("/")
    if url and not is_instance_url(url):
        raise SettingsError("HEADGATE_ADVERTISE_URL has to look like http://host:port or unix:/path.")
    return url


def _database_url(env: Env) -> str:
    name = "HEADGATE_DATABASE_URL"
    url = env.text(name)
    parts = _split(url)
    if url.startswith("sqlite:"):
        raise SettingsError(
            f"{name} is for PostgreSQL alone: leave it empty for SQLite, which keeps one file per service in "
            "HEADGATE_DATA_DIR."
        )
    if url and (parts is None or parts.scheme not in {"postgresql", "postgres"}):
        raise SettingsError(
            f"{name} has to look like postgresql://user:password@host:5432/database, or be empty for SQLite."
        )
    return url


def _redis_url(env: Env, name: str) -> str:
    """Checked without the client, which a process that has no Redis doesn't load."""
    url = env.text(name)
    parts = _split(url)
    if url and (parts is None or not _names_a_redis(parts)):
        raise SettingsError(
            f"{name} has to look like redis://:password@host:6379/0, rediss://… or unix:///path, or be empty."
        )
    return url


def _names_a_redis(parts: SplitResult) -> bool:
    if parts.scheme == "unix":
        return len(parts.path) > 1
    database = parts.path.strip("/")
    return (
        parts.scheme in {"redis", "rediss"}
        and bool(parts.hostname)
        and (not database or database.isdecimal())
    )


def _split(url: str) -> SplitResult | None:
    """The parts of a server's address, or None when it has no sound port or brackets that don't close."""
    try:
        parts = urlsplit(url)
        return parts if "://" in url and parts.port != 0 else None
    except ValueError:
        return None


def _public_url(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise SettingsError("HEADGATE_PUBLIC_URL has to begin with http:// or https://.")
    return url.rstrip("/")

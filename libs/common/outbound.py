"""Which sockets are the hub's own: no address a user gives may lead there."""

from __future__ import annotations

from urllib.parse import urlsplit

from libs.common.http import Guard, is_loopback
from libs.common.settings import CommonSettings

_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "redis": 6379,
    "rediss": 6379,
    "postgresql": 5432,
    "postgres": 5432,
}


def hub_guard(settings: CommonSettings, *, gateway_port: int) -> Guard:
    """The guard for everything users may have asked: the gateway, the services and the stores are refused.

    Asking the gateway would go in circles; asking the others would speak to them from inside.
    """
    urls = (
        *(url for where in settings.service_urls.values() for url in where.split(",")),
        settings.redis_url,
        settings.redis_cache_url,
        settings.database_url,
    )
    own = [_as_widely_as_heard(*socket) for socket in map(_socket, urls) if socket is not None]
    if gateway_port:
        own.append(("*", gateway_port))
    return Guard(
        allow_private=settings.allow_private_upstreams,
        own_addresses=own,
        own_urls=[settings.public_url],
    )


def operators_guard() -> Guard:
    """The guard for what only the operator names: it, or a mirror of it, may be at home."""
    return Guard(allow_private=True)


def _as_widely_as_heard(host: str, port: int) -> tuple[str, int]:
    """A server reached by loopback mostly listens on every address of this machine: as much ours there."""
    return ("*" if is_loopback(host) else host, port)


def _socket(url: str) -> tuple[str, int] | None:
    """Host and port of an address; None for Unix sockets, files and no address at all."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None

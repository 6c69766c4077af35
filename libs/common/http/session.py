"""The one maker of HTTP client sessions."""

import functools
import math
from importlib.metadata import version

from aiohttp import (
    BaseConnector,
    ClientSession,  # noqa: TID251  # the one maker the rule speaks of
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    UnixConnector,
)
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import DefaultResolver

from libs.common.http.guard import Guard, GuardedResolver, guarded_socket_factory
from libs.common.spans import current_spans

__all__ = ["ClientSession", "make_session"]

_KEEPALIVE_S = 15.0  # Node's http server closes idle connections after 5 s, most others after 60 s or more
_DNS_CACHE_S = 60
_READ_BUFFER_BYTES = 128 * 1024


def make_session(
    *,
    guard: Guard | None = None,
    unix_path: str | None = None,
    limit: int = 200,
    limit_per_host: int = 32,
    connect_s: float = 5.0,
    user_agent: str | None = None,
    resolver: AbstractResolver | None = None,
    keepalive_s: float = _KEEPALIVE_S,
) -> ClientSession:
    """A session that keeps no cookies, reads no proxy settings and unpacks nothing.

    Unpacking is Fetcher's, which bounds it. There is no total time-out here: callers carry a Deadline. With a
    guard, it holds for every connection, IP literals included. Call it inside the running loop.
    """
    spans = current_spans.get()
    return ClientSession(
        connector=_make_connector(
            guard,
            unix_path,
            limit,
            limit_per_host=limit_per_host,
            resolver=resolver,
            keepalive_s=keepalive_s,
        ),
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": user_agent or _own_name()},
        # Without the infinite threshold time-outs above 5 s are rounded up to whole seconds.
        timeout=ClientTimeout(total=None, sock_connect=connect_s, ceil_threshold=math.inf),
        trust_env=False,
        auto_decompress=False,
        requote_redirect_url=False,
        raise_for_status=False,
        read_bufsize=_READ_BUFFER_BYTES,
        trace_configs=[spans.of_calls()] if spans is not None else None,
    )


@functools.cache
def _own_name() -> str:
    return f"Headgate/{version('headgate')}"


def _make_connector(
    guard: Guard | None,
    unix_path: str | None,
    limit: int,
    *,
    limit_per_host: int,
    resolver: AbstractResolver | None,
    keepalive_s: float,
) -> BaseConnector:
    if unix_path is not None:
        return UnixConnector(unix_path, limit=limit, keepalive_timeout=keepalive_s)
    resolver = resolver or DefaultResolver()
    return TCPConnector(
        limit=limit,
        limit_per_host=limit_per_host,
        ttl_dns_cache=_DNS_CACHE_S,
        keepalive_timeout=keepalive_s,
        resolver=GuardedResolver(guard, resolver) if guard else resolver,
        socket_factory=functools.partial(guarded_socket_factory, guard) if guard else None,
    )

"""Where this hub is reached and by whom: public address, client address, names it answers to."""

import re
from collections.abc import Sequence

from aiohttp import web
from yarl import URL

from libs.common.errors import Forbidden
from libs.common.networks import NEAR, parse_address
from libs.common.web import PEERS
from services.gateway.keys import SETTINGS

_AUTHORITY = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::\d{1,5})?", re.ASCII)
MAX_CLIENT_CHARS = 500
_FORWARDED = frozenset({"X-Forwarded-For", "Forwarded", "X-Real-IP"})


def base_url(request: web.Request) -> str:
    """The address players can use, without a slash at the end: the operator's, or the one just used."""
    common = request.app[SETTINGS].common
    if common.public_url:
        return common.public_url.rstrip("/")
    scheme, host = seen_origin(request)
    return f"{scheme}://{host}"


def is_https(request: web.Request) -> bool:
    """Whether browsers reach this hub by https, which decides if cookies carry Secure."""
    return base_url(request).startswith("https://")


def seen_origin(request: web.Request) -> tuple[str, str]:
    """Scheme and host[:port] the client used; X-Forwarded-* count only from a trusted proxy."""
    scheme, host = request.scheme, request.host
    if request.app[PEERS].trusts(request.remote or ""):
        scheme = _last(request.headers.getall("X-Forwarded-Proto", [])) or scheme
        host = _last(request.headers.getall("X-Forwarded-Host", [])) or host
    return ("https" if scheme.lower() == "https" else "http"), host.lower()


def own_hosts(request: web.Request) -> frozenset[str]:
    """Every host[:port] that means this hub: what was asked for, and the operator's public one."""
    hosts = {_without_default_port(seen_origin(request)[1]), _without_default_port(request.host.lower())}
    public = request.app[SETTINGS].common.public_url
    if public:
        hosts.add(_without_default_port(URL(public).authority.lower()))
    return frozenset(hosts)


def is_own_origin(request: web.Request, origin: str) -> bool:
    """Compare by host only: behind a TLS proxy that isn't declared, the scheme seen here is wrong."""
    try:
        authority = URL(origin).authority
    except ValueError:
        return False
    return bool(authority) and _without_default_port(authority.lower()) in own_hosts(request)


def client_address(request: web.Request) -> str:
    """The client behind the trusted proxies, as an address."""
    return request.app[PEERS].client_address(request)


def client_of(request: web.Request) -> str:
    """What the browser or program calls itself; auth cuts it to what a list of sessions can show."""
    return request.headers.get("User-Agent", "")[:MAX_CLIENT_CHARS]


def check_setup_host(request: web.Request) -> None:
    """Raise Forbidden unless the name used can't be an attacker's (DNS rebinding of a fresh hub)."""
    host = _host_name(seen_origin(request)[1])
    public = request.app[SETTINGS].common.public_url
    allowed = (
        parse_address(host) is not None
        or host == "localhost"
        or host.endswith((".local", ".localhost"))
        or (bool(public) and host == (URL(public).host or "").lower())
    )
    if not allowed:
        raise Forbidden(
            "Set up this hub by its IP address, by localhost, by a .local name, "
            "or by the address in HEADGATE_PUBLIC_URL."
        )


def is_near(request: web.Request) -> bool:
    """Whether the client is on this machine or a private network, as far as that can be told."""
    peer = request.remote or ""
    if not request.app[PEERS].trusts(peer) and not _FORWARDED.isdisjoint(request.headers):
        # A proxy nobody declared: its own address is near, but says nothing about the client's.
        return False
    address = parse_address(client_address(request))
    # A Unix socket has no peer address: whoever may open it is on this machine.
    return address is None or any(address in network for network in NEAR)


def _host_name(authority: str) -> str:
    """The name or address alone; empty for what no browser sends, such as "evil.example/.local"."""
    found = _AUTHORITY.fullmatch(authority)
    return (found["address"] or found["name"].rstrip(".")) if found else ""


def _without_default_port(authority: str) -> str:
    return authority.removesuffix(":443").removesuffix(":80")


def _last(lines: Sequence[str]) -> str:
    return lines[-1].rpartition(",")[2].strip() if lines else ""

"""Where a service's instances are looked for, as an operator writes it. Loads nothing but the standard
library: settings are read with it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

REDIS = "redis:"
MAX_INSTANCES = 64
"""Of one service; more than that is a mistake, or somebody else's list."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """These instances, until the next start."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Every address that DNS has for `host`."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Registered:
    """Whoever has registered in Redis."""


Whereabouts: TypeAlias = Fixed | Named | Registered


def parse_whereabouts(text: str) -> Whereabouts:
    """Raises ValueError with a sentence's rest: what the text has to look like."""
    if text == REDIS:
        return Registered()
    if text.startswith("dns://"):
        parts = urlsplit(text)
        if not parts.hostname or not parts.port or parts.path.strip("/"):
            raise ValueError("has to look like dns://host:port.")
        return Named(parts.hostname, parts.port)
    urls = tuple(dict.fromkeys(part.strip().rstrip("/") for part in text.split(",") if part.strip()))
    if not urls or len(urls) > MAX_INSTANCES or not all(is_instance_url(url) for url in urls):
        raise ValueError(
            "has to begin with http://, https:// or unix:/ and a path (several with commas between), or be "
            "dns://host:port or redis:."
        )
    return Fixed(urls)


def is_instance_url(url: str) -> bool:
    """Whether it is the address of one instance."""
    if url.startswith("unix:/"):
        return len(url) > len("unix:/")
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def label_of(url: str) -> str:
    """The instance as metrics and logs name it: `host:port`, or a socket's path."""
    return url.removeprefix("unix:") if url.startswith("unix:") else urlsplit(url).netloc.rpartition("@")[2]


def advertised_url(host: str, port: int) -> str:
    """What others call an app by that listens there; "" when it can't be known."""
    if host.startswith("unix:"):
        return host
    if not port:
        return ""
    bare = host.removeprefix("[").removesuffix("]")
    if bare in {"0.0.0.0", "::"}:  # noqa: S104  nothing is bound here
        bare = socket.gethostname()
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"

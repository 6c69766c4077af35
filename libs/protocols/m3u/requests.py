"""What is to be sent along when an address is asked: behind it, in attributes or in directives."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from libs.protocols.m3u.rows import Pairs

HEADER_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "http-user-agent": "User-Agent",
        "user-agent": "User-Agent",
        "http-referrer": "Referer",
        "http-referer": "Referer",
        "referrer": "Referer",
        "referer": "Referer",
        "http-origin": "Origin",
        "origin": "Origin",
        "http-cookie": "Cookie",
        "cookie": "Cookie",
        "cookies": "Cookie",
        "authorization": "Authorization",
    }
)
"""Every way a header is called in lists; others are called by their own names behind an address only."""

MOST_OPTIONS: Final = 32
"""Of one entry."""

_NOT_HEADERS: Final = ("seekable", "reconnect", "icy", "verifypeer", "sslcipherlist", "auth")
"""Kodi's and ffmpeg's options stand at the same place."""

_NOT_TOLD: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers of the connection, which whoever asks sets: told by a list, they lead it astray."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def split_address(text: str) -> tuple[str, Pairs]:
    """The address, and the headers of `|User-Agent=…&k=v` behind it."""
    address, _, options = text.partition("|")
    if "=" not in options:
        return text, ()
    told = options.split("&", MOST_OPTIONS)[:MOST_OPTIONS]
    pairs = (option.partition("=")[::2] for option in told if "=" in option)
    return address.rstrip(), headers_of(
        (name.removeprefix("!"), urllib.parse.unquote(value))
        for name, value in pairs
        if not name.lower().startswith(_NOT_HEADERS[:-1]) and name.lower() != _NOT_HEADERS[-1]
    )


def headers_of(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Each header once, the first one told, by name; what can't be sent is left out."""
    headers: dict[str, tuple[str, str]] = {}
    for told, text in pairs:
        name, value = HEADER_OF.get(told.strip().lower(), told.strip()), text.strip()
        can_be_sent = _NAME.fullmatch(name) and not _CONTROL.search(value)
        if value and can_be_sent and name.lower() not in _NOT_TOLD:
            headers.setdefault(name.lower(), (name, value))
    return tuple(headers[name] for name in sorted(headers))

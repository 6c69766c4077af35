"""HLS playlists with every address in them replaced. Pure.

What stands in a playlist leads to the provider, often with credentials; players are to come back to us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

MAX_BYTES = 4 * 1024 * 1024
"""A film of four hours in parts of two seconds is about one."""
TYPES = frozenset(
    {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"}
)
CONTENT_TYPE = "application/vnd.apple.mpegurl"

_URI = re.compile(r'(?<=[:,]URI=")[^"]*(?=")')


def is_playlist(content_type: str, address: str) -> bool:
    """By what its sender calls it, or by the name of the file: some send them as text, or as anything."""
    return content_type in TYPES or urlsplit(address).path.lower().endswith(".m3u8")


def rewritten(text: str, base: str, path_of: Callable[[str], str]) -> str:
    """The playlist at `base`, each address in it as `path_of` gives it for the whole one."""

    def replaced(written: str) -> str:
        whole = urljoin(base, written.strip())
        return path_of(whole) if whole.startswith(("http://", "https://")) else written

    def of_tag(found: re.Match[str]) -> str:
        return replaced(found[0])

    lines = text.removeprefix("\ufeff").splitlines()
    changed = (
        _URI.sub(of_tag, line) if line.startswith("#") else replaced(line) for line in lines if line.strip()
    )
    return "\n".join(changed) + "\n"


def extension_of(address: str) -> str:
    """Of the file there, where it is one that players know by its ending."""
    name = urlsplit(address).path.rpartition("/")[2]
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return extension if extension.isalnum() and len(extension) <= 5 else ""

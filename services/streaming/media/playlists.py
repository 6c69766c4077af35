"""HLS playlists with every address in them replaced. Pure.

What stands in a playlist leads to the provider, often with credentials; players are to come back to us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

MAX_BYTES = 4 * 1024 * 1024
"""A film of four hours in parts of two seconds is about one."""
MOST_ADDRESSES: Final = 20_000
"""A day in parts of five seconds has fewer."""
MOST_CHARS: Final = 16 * 1024 * 1024
"""Of the addresses that are written: what is relative may stand behind a long one."""
TYPES = frozenset(
    {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"}
)
LONGEST_TAG: Final = 16 * 1024
CONTENT_TYPE = "application/vnd.apple.mpegurl"

_OURS = ("http", "https")
_OF_NOBODY = frozenset({"data", "skd", "urn"})
"""They lead to no server: what they stand for is in them, or known to the player."""
_LEFT_OUT = ("#EXT-X-CONTENT-STEERING", "#EXT-X-DEFINE")
"""They lead to addresses that stand elsewhere, or are put together by the player."""
_ADDRESS = re.compile(
    r"""(?<=URI=")[^"]*|(?<=URI=')[^']*|(?<=URI=)[^\s"',]+|[a-z][a-z0-9+.-]{0,15}://[^\s"',]+""",
    re.IGNORECASE,
)


class TooMuchInIt(ValueError):
    """More addresses than any player could use."""


def is_playlist(content_type: str, address: str) -> bool:
    """By what its sender calls it, or by the name of the file: some send them as text, or as anything."""
    return content_type in TYPES or urlsplit(address).path.lower().endswith(".m3u8")


def rewritten(text: str, base: str, path_of: Callable[[str], str]) -> str:
    """The playlist at `base`, each address in it as `path_of` gives it for the whole one.

    Remarks, and what leads to no web server, are left out. Raises TooMuchInIt.
    """
    count = chars = 0

    def replaced(written: str) -> str:
        nonlocal count, chars
        try:
            whole = urljoin(base, written.strip())
            scheme = urlsplit(whole).scheme
        except ValueError:
            return ""
        if scheme not in _OURS:
            return written if scheme in _OF_NOBODY else ""
        path = path_of(whole)
        count, chars = count + 1, chars + len(path)
        if count > MOST_ADDRESSES or chars > MOST_CHARS:
            raise TooMuchInIt
        return path

    def of_line(line: str) -> str:
        if not line.startswith("#"):
            return replaced(line)
        if not line.startswith("#EXT") or line.startswith(_LEFT_OUT) or len(line) > LONGEST_TAG:
            return ""
        return _ADDRESS.sub(lambda found: replaced(found[0]), line)

    lines = filter(None, map(str.strip, text.removeprefix("\ufeff").splitlines()))
    return "\n".join(filter(None, map(of_line, lines))) + "\n"


def extension_of(address: str) -> str:
    """Of the file there, where it is one that players know by its ending."""
    name = urlsplit(address).path.rpartition("/")[2]
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return extension if extension.isalnum() and len(extension) <= 5 else ""

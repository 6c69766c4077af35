"""Style sheets and scripts, held in memory under an address that changes with their content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from aiohttp import web

from libs.common.errors import NotFound

FOLDER: Final = Path(__file__).parent.parent / "static"
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
YEAR_S: Final = 31_536_000
DAY_S: Final = 86_400
FOREVER: Final = (
    f"public, max-age={YEAR_S}, s-maxage={YEAR_S}, "
    f"stale-while-revalidate={DAY_S}, stale-if-error={DAY_S}, immutable"
)


@dataclass(frozen=True)
class Asset:
    content_type: str
    plain: bytes

    @cached_property
    def packed(self) -> bytes:
        """Made when it is first asked for: many hubs show few of their pages."""
        return gzip.compress(self.plain, mtime=0)


class Assets:
    """Every file of the folder and of those in it.

    One version for all, since modules import each other by relative address.
    """

    def __init__(self, files: dict[str, Asset], version: str) -> None:
        self._files = files
        self._version = version

    @classmethod
    def read(cls, folder: Path = FOLDER) -> "Assets":
        files: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            content_type = CONTENT_TYPES.get(path.suffix)
            if content_type is None:
                continue
            plain, name = path.read_bytes(), path.relative_to(folder).as_posix()
            digest.update(name.encode() + b"\0" + plain)
            files[name] = Asset(content_type, plain)
        return cls(files, digest.hexdigest()[:12])

    def href(self, name: str) -> str:
        """The address of a file. A name that doesn't exist is a mistake in a template."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self._version}/{name}"

    def find(self, version: str, name: str) -> tuple[Asset, bool]:
        """The file, and whether the version asked for is the present one. Raises `NotFound`."""
        asset = self._files.get(name)
        if asset is None:
            raise NotFound("There is no such file.")
        return asset, version == self._version


ASSETS: web.AppKey[Assets] = web.AppKey("ASSETS", Assets)


async def send_asset(request: web.Request) -> web.Response:
    """An old page may ask for an old version: it gets the present one, not to be kept."""
    asset, present = request.app[ASSETS].find(request.match_info["version"], request.match_info["name"])
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {
        "Content-Type": asset.content_type,
        "Cache-Control": FOREVER if present else "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=asset.packed if packed else asset.plain, headers=headers)

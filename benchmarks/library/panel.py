"""A panel that does nothing but send the lists of a folder: what it costs is not what is measured.

`python -m benchmarks.library.panel FOLDER PORT`, its lists made before by `write`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from aiohttp import web

from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import KINDS, Kind

LISTS: Final[dict[str, Kind]] = {
    "get_live_streams": "live",
    "get_vod_streams": "vod",
    "get_series": "series",
}
ACCOUNT: Final = {
    "user_info": {
        "username": "u1",
        "password": "p1",
        "auth": 1,
        "status": "Active",
        "exp_date": "1999999999",
        "max_connections": "2",
        "active_cons": "0",
        "allowed_output_formats": ["ts", "m3u8"],
    },
    "server_info": {"timezone": "UTC", "timestamp_now": 1_790_000_000, "time_now": "2026-09-21 13:33:20"},
}


def write(library: Library, folder: Path) -> None:
    """What the panel sends from now on."""
    for kind in KINDS:
        draft = folder / f"{kind}.draft"
        with draft.open("wb") as file:
            file.writelines(library.json(kind))
        draft.replace(folder / f"{kind}.json")


def make(folder: Path) -> web.Application:
    async def answer(request: web.Request) -> web.StreamResponse:
        action = request.query.get("action", "")
        if action in LISTS:
            headers = {"Content-Type": "application/json"}
            return web.FileResponse(folder / f"{LISTS[action]}.json", headers=headers)
        return web.json_response([] if action else ACCOUNT)

    async def guide(_: web.Request) -> web.Response:
        return web.Response(text="<tv></tv>", content_type="application/xml")

    app = web.Application()
    app.router.add_get("/xmltv.php", guide)
    app.router.add_get("/player_api.php", answer)
    return app


if __name__ == "__main__":
    web.run_app(make(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), print=None)

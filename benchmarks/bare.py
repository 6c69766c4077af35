"""The floor: a bare aiohttp handler that sends the bytes of a file. `python -m benchmarks.bare PORT FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop
from aiohttp import web


def main(port: int, file: Path) -> None:
    body = file.read_bytes()

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/catalog", handler)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, backlog=1024)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

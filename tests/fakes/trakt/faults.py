"""Answers on demand: any status, or none at all, before or after what was asked for is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

EDGE = b"<html><body><h1>429 Too Many Requests</h1><hr>edge</body></html>"


@dataclass
class Fault:
    """`on` is the beginning of "METHOD /path". The first `after` are well, then `times` are not.

    `acted`: it is done all the same. A `status` of 0 breaks the connection, one of -1 never answers.
    """

    status: int
    on: str = ""
    times: int | None = 1
    after: int = 0
    acted: bool = False
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: int = 0
    healed: asyncio.Event = field(default_factory=asyncio.Event)

    def hits(self, asked: str) -> bool:
        if self.healed.is_set() or not asked.startswith(self.on):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None and self.shown >= self.times:
            return False
        self.shown += 1
        return True

    async def answer(self, request: web.Request) -> web.Response:
        if self.status == -1:
            await self.healed.wait()
        if self.status <= 0 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=max(200, self.status), body=self.body, headers=self.headers)

"""Posting to an address that somebody gave, which is all that is known of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import aiohttp

from libs.common.http import ClientSession, FetchError, Guard

WITHIN_S: Final = 10.0


class Webhooks:
    """Through the guard; redirects aren't followed, and what is answered isn't read."""

    def __init__(self, session: ClientSession, guard: Guard) -> None:
        self._session = session
        self._guard = guard

    async def post(self, url: str, body: bytes) -> str:
        """What came of it, in a word that says nothing of the address: a status or a reason."""
        with suppress(FetchError, aiohttp.ClientError, TimeoutError, OSError, ValueError):
            target = self._guard.check_url(url)
            async with (
                asyncio.timeout(WITHIN_S),
                self._session.request(
                    "POST",
                    target,
                    data=body,
                    headers={"Content-Type": "application/json"},
                    allow_redirects=False,
                ) as answer,
            ):
                return str(answer.status)
        return "not_reached"

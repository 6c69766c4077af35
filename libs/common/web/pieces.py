"""Answers that are sent as they are made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress

import structlog
from aiohttp import web

from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError

log = structlog.get_logger(__name__)


async def send_pieces(
    request: web.Request, pieces: AsyncGenerator[bytes], *, headers: Mapping[str, str], deadline: Deadline
) -> web.StreamResponse:
    """What fails before the first piece is an answer of its own. Later the head is out, so that a connection
    that breaks off is the only honest sign of a missing rest."""
    async with aclosing(pieces):
        first = await anext(pieces, b"")
        response = web.StreamResponse(headers=headers)
        with suppress(ConnectionResetError):  # the client has left
            await response.prepare(request)
            try:
                async with asyncio.timeout(deadline.remaining_s):
                    await response.write(first)
                    async for piece in pieces:
                        await response.write(piece)
            except (HeadgateError, TimeoutError) as error:
                log.warning("answer_cut", reason=type(error).__name__)
                if request.transport is not None:
                    request.transport.abort()
                return response
            await response.write_eof()
    return response

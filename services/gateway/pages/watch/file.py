"""The film itself, for a browser that runs no script: its own player follows the way there."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from libs.common.contracts.playback import PlaybackQuestion
from libs.common.errors import InvalidInput, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.admit import caller_proof
from services.gateway.keys import PLAYBACK
from services.gateway.model import NO_STORE

MAX_SOURCE_CHARS: Final = 200


async def send_file(request: web.Request, identity: Identity) -> web.Response:
    source = request.query.get("source", "")
    if not 0 < len(source) <= MAX_SOURCE_CHARS:
        raise InvalidInput("Say which source to play.")
    plan = await request.app[PLAYBACK].plan(
        identity,
        request.match_info["type"],
        request.match_info["video_id"],
        PlaybackQuestion(source=source),
        caller_proof(request, identity),
        deadline=deadline_of(request),
    )
    if plan.method in ("external", "impossible"):
        raise NotFound(plan.reason)
    return web.Response(status=302, headers={"Location": plan.url, **NO_STORE})

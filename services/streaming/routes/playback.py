"""How a source is played: asked by gateways, which know what the caller was let in by."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.playback import PREFIX, PlaybackAsked, PlaybackPlan
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json, while_listening
from services.streaming.hls.planning import Asker
from services.streaming.keys import HLS
from services.streaming.routes.asking import video_of


async def plan(request: web.Request) -> web.Response:
    asked = await read_json(request, PlaybackAsked)
    async with while_listening(request):
        found = await request.app[HLS].planner.plan(
            Asker(identity_of(request), asked.proof),
            video_of(request, PREFIX, resource="stream"),
            asked.question,
            deadline=deadline_of(request),
        )
    return json_response(found, headers={"Cache-Control": "no-store"})


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=PREFIX + "/{type}/{video_id}",
        handler=plan,
        summary="How a source is played by one player",
        access="internal",
        request=PlaybackAsked,
        response=PlaybackPlan,
        documented=False,
    ),
)

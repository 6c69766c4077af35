"""How a source is played: asked by gateways, which know what the caller was let in by."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.playback import PREFIX, PlaybackAsked, PlaybackPlan
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json, while_listening
from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import ResourcePath, parse_resource_path
from services.streaming.errors import VideoNotFound
from services.streaming.hls.planning import Asker
from services.streaming.keys import HLS


async def plan(request: web.Request) -> web.Response:
    asked = await read_json(request, PlaybackAsked)
    async with while_listening(request):
        found = await request.app[HLS].planner.plan(
            Asker(identity_of(request), asked.proof),
            _video(request),
            asked.question,
            deadline=deadline_of(request),
        )
    return json_response(found, headers={"Cache-Control": "no-store"})


def _video(request: web.Request) -> ResourcePath:
    """From the raw path: once decoded, an id with a slash can't be told from two parts."""
    tail = request.raw_path.partition("?")[0].removeprefix(f"{PREFIX}/")
    try:
        return parse_resource_path(f"stream/{tail}.json")
    except InvalidPath as error:
        raise VideoNotFound(str(error)) from error


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

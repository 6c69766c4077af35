"""Which subtitles addons have for a video: asked by gateways, which know what the caller was let in by."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.playback import SUBTITLES_PREFIX, SubtitleList, SubtitlesAsked
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from services.streaming.keys import SUBTITLES
from services.streaming.routes.asking import video_of


async def offered(request: web.Request) -> web.Response:
    asked = await read_json(request, SubtitlesAsked)
    found = await request.app[SUBTITLES].offered(
        identity_of(request),
        asked.proof,
        video_of(request, SUBTITLES_PREFIX, resource="subtitles"),
        deadline=deadline_of(request),
    )
    return json_response(found, headers={"Cache-Control": "no-store"})


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=SUBTITLES_PREFIX + "/{type}/{video_id}",
        handler=offered,
        summary="Subtitles of addons for a video",
        access="internal",
        request=SubtitlesAsked,
        response=SubtitleList,
        documented=False,
    ),
)

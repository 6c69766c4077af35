"""Which subtitles addons have for a video: asked by gateways, which know what the caller was let in by."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.playback import SUBTITLES_PREFIX, SubtitleList, SubtitlesAsked
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import ResourcePath, parse_resource_path
from services.streaming.errors import VideoNotFound
from services.streaming.keys import SUBTITLES


async def offered(request: web.Request) -> web.Response:
    asked = await read_json(request, SubtitlesAsked)
    found = await request.app[SUBTITLES].offered(
        identity_of(request),
        asked.proof,
        _video(request),
        deadline=deadline_of(request),
    )
    return json_response(found, headers={"Cache-Control": "no-store"})


def _video(request: web.Request) -> ResourcePath:
    """From the raw path: once decoded, an id with a slash can't be told from two parts."""
    tail = request.raw_path.partition("?")[0].removeprefix(f"{SUBTITLES_PREFIX}/")
    try:
        return parse_resource_path(f"subtitles/{tail}.json")
    except InvalidPath as error:
        raise VideoNotFound(str(error)) from error


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

"""How a source is played, and which subtitles there are: streaming is told what the caller was let in by."""

from aiohttp import web

from libs.common.contracts.playback import PlaybackPlan, PlaybackQuestion, SubtitleList
from libs.common.errors import NotFound, Unavailable, UpstreamTimedOut
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from services.gateway.admit import caller_proof
from services.gateway.keys import PLAYBACK
from services.gateway.model import NO_STORE


async def plan(request: web.Request) -> web.Response:
    question = await read_json(request, PlaybackQuestion)
    identity = identity_of(request)
    found = await request.app[PLAYBACK].plan(
        identity,
        request.match_info["type"],
        request.match_info["video_id"],
        question,
        caller_proof(request, identity),
        deadline=deadline_of(request),
    )
    return json_response(found, headers=NO_STORE)


async def subtitles(request: web.Request) -> web.Response:
    identity = identity_of(request)
    found = await request.app[PLAYBACK].subtitles(
        identity,
        request.match_info["type"],
        request.match_info["video_id"],
        caller_proof(request, identity),
        deadline=deadline_of(request),
    )
    return json_response(found, headers=NO_STORE)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/v1/playback/{type}/{video_id}",
        handler=plan,
        summary="How a source is played by one player, and where",
        access="account",
        request=PlaybackQuestion,
        response=PlaybackPlan,
        errors=(NotFound, Unavailable, UpstreamTimedOut),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/subtitles/{type}/{video_id}",
        handler=subtitles,
        summary="Subtitles that addons have for a video, as WebVTT",
        access="account",
        response=SubtitleList,
        errors=(NotFound, Unavailable, UpstreamTimedOut),
    ),
)

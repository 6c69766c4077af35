"""Where players are, reported and asked for, one video or many at once."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.viewing import (
    CHANGED_HEADER,
    PROGRESS,
    ProgressBatch,
    ProgressOutcomes,
    ProgressReport,
    ProgressView,
)
from libs.common.errors import InvalidInput, Overloaded, PayloadTooLarge, Unavailable
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.streaming.errors import ProgressNotFound, TooManyReports, VideoNotFound, ViewingFull
from services.streaming.keys import VIEWING
from services.streaming.routes.asking import id_of, owner_of
from services.streaming.viewing_schemas import progress_view

BATCH_BYTES = 512 * 1024


async def report_progress(request: web.Request) -> web.Response:
    """Where the player is now; durable once it is answered. The answer is what holds, which may be newer."""
    sent = await read_json(request, ProgressReport)
    done = await request.app[VIEWING].progress.report(
        owner_of(request), identity_of(request), id_of(request, "video_id"), sent
    )
    return json_response(progress_view(done.video), headers=changed(shows=done.shows))


async def report_many(request: web.Request) -> web.Response:
    """Reports that waited for a line, each with its time. One that can't be read refuses no other."""
    sent = await read_json(request, ProgressBatch, max_bytes=BATCH_BYTES)
    outcomes, shows = await request.app[VIEWING].progress.batch(
        owner_of(request), identity_of(request), sent.items
    )
    return json_response(ProgressOutcomes(tuple(outcomes)), headers=changed(shows=shows))


async def show_progress(request: web.Request) -> web.Response:
    video = await request.app[VIEWING].progress.get(owner_of(request), id_of(request, "video_id"))
    return json_response(progress_view(video))


def changed(*, shows: bool) -> dict[str, str]:
    """Gateways forget what they keep of the account only where lists and marks are other than before."""
    return {CHANGED_HEADER: "1"} if shows else {}


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=PROGRESS,
        handler=report_many,
        summary="Report progress that waited for a line; the newest of each video holds",
        access="account",
        request=ProgressBatch,
        response=ProgressOutcomes,
        errors=(InvalidInput, PayloadTooLarge, TooManyReports, Overloaded, Unavailable),
    ),
    Endpoint(
        method="POST",
        path=PROGRESS + "/{video_id}",
        handler=report_progress,
        summary="Report where a player is",
        access="account",
        request=ProgressReport,
        response=ProgressView,
        errors=(InvalidInput, VideoNotFound, ViewingFull, TooManyReports, Overloaded, Unavailable),
    ),
    Endpoint(
        method="GET",
        path=PROGRESS + "/{video_id}",
        handler=show_progress,
        summary="Where the profile stopped",
        access="account",
        response=ProgressView,
        errors=(ProgressNotFound, VideoNotFound, Unavailable),
    ),
)

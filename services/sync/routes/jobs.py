"""`/api/v1/sync/jobs`: jobs to start, look at, list, follow and cancel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from libs.common.contracts.sync import Job, JobPage, NewJob
from libs.common.web import CLOCK, HEALTH, Endpoint, identity_of, json_response, read_json, read_query
from services.sync.errors import (
    AccountNeeded,
    AccountNotFound,
    CursorInvalid,
    JobForbidden,
    JobNotFound,
    LicenceNotAccepted,
    UnknownKind,
)
from services.sync.events import events, events_of_all
from services.sync.jobs import visible_accounts
from services.sync.keys import BELLS, JOBS
from services.sync.schemas import JobQuery, job_of, page_of, read_cursor
from services.sync.store.jobs import Filter
from services.sync.trakt.errors import ConnectionNotFound

ALL, ONE = "/api/v1/sync/jobs", "/api/v1/sync/jobs/{id}"

EVENT_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold events back until its buffer is full
}


async def start_job(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewJob)
    run = await request.app[JOBS].start(identity_of(request), wanted.kind, wanted.mode, wanted.account_id)
    headers = {"Location": f"/api/v1/sync/jobs/{run.id}"}
    return json_response(job_of(run), status=202, headers=headers)


async def list_jobs(request: web.Request) -> web.Response:
    query = read_query(request, JobQuery)
    before_ms, before_id = read_cursor(query.cursor) if query.cursor else (None, "")
    runs = await request.app[JOBS].listed(
        Filter(
            accounts=visible_accounts(identity_of(request)),
            profile=identity_of(request).profile_id,
            subject=query.account,
            kind=query.kind,
            state=query.state or "",
            before_ms=before_ms,
            before_id=before_id,
            limit=query.limit + 1,
        )
    )
    return json_response(page_of(runs, query.limit))


async def show_job(request: web.Request) -> web.Response:
    run = await request.app[JOBS].get(identity_of(request), request.match_info["id"])
    return json_response(job_of(run))


async def cancel_job(request: web.Request) -> web.Response:
    run = await request.app[JOBS].cancel(identity_of(request), request.match_info["id"])
    return json_response(job_of(run))


async def follow_job(request: web.Request) -> web.StreamResponse:
    identity, jobs = identity_of(request), request.app[JOBS]
    first = await jobs.get(identity, request.match_info["id"])
    if first.finished and request.headers.get("Last-Event-ID") == str(first.version):
        # A browser's EventSource comes back for ever after a stream ends; 204 tells it that this was all.
        return web.Response(status=204)
    if request.method == "HEAD":
        return web.Response(headers=EVENT_HEADERS)
    frames = events(
        jobs,
        identity,
        first,
        bell=request.app[BELLS].news,
        clock=request.app[CLOCK],
        ended=lambda: request.app[HEALTH].draining,
    )
    return await _streamed(request, frames)


async def follow_all(request: web.Request) -> web.StreamResponse:
    if request.method == "HEAD":
        return web.Response(headers=EVENT_HEADERS)
    identity = identity_of(request)
    frames = events_of_all(
        request.app[JOBS],
        Filter(accounts=(identity.account_id,), profile=identity.profile_id),
        bell=request.app[BELLS].news,
        clock=request.app[CLOCK],
        ended=lambda: request.app[HEALTH].draining,
    )
    return await _streamed(request, frames)


async def _streamed(request: web.Request, frames: AsyncIterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers=EVENT_HEADERS)
    await response.prepare(request)
    with suppress(ConnectionError, JobNotFound):  # the reader left, or the job was forgotten: the stream ends
        async for frame in frames:
            await response.write(frame)
        await response.write_eof()
    return response


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/sync/events",
        handler=follow_all,
        summary="Follow all jobs of the profile as server-sent events",
        access="account",
    ),
    Endpoint(
        method="POST",
        path=ALL,
        handler=start_job,
        summary="Start a background job, or join the one that runs",
        access="account",
        request=NewJob,
        response=Job,
        status=202,
        errors=(
            UnknownKind,
            JobForbidden,
            LicenceNotAccepted,
            AccountNotFound,
            AccountNeeded,
            ConnectionNotFound,
        ),
    ),
    Endpoint(
        method="GET",
        path=ALL,
        handler=list_jobs,
        summary="List jobs, newest first",
        access="account",
        query=JobQuery,
        response=JobPage,
        errors=(CursorInvalid,),
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=show_job,
        summary="Show a job",
        access="account",
        response=Job,
        errors=(JobNotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=cancel_job,
        summary="Cancel a job; one that has ended stays as it is",
        access="account",
        response=Job,
        errors=(JobNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/events",
        handler=follow_job,
        summary="Follow a job as server-sent events until it has ended",
        access="account",
        errors=(JobNotFound,),
    ),
)

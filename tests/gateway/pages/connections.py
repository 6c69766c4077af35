"""A profile's connections as sync answers about them."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from aiohttp import web

from libs.common.contracts.connections import (
    PATH,
    TRAKT_PATH,
    ConnectionBrief,
    Connections,
    NewTrakt,
    Said,
    TraktPatch,
    TraktSyncing,
    TraktView,
    WaitingCode,
)
from libs.common.contracts.sync import TraktWatched
from libs.common.errors import Conflict, InvalidInput, NotFound, RateLimited, UpstreamFailed
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import NOW, Inner
from tests.gateway.pages.sync import job

CODE = WaitingCode(
    user_code="5055CC52",
    verification_url="https://trakt.tv/activate",
    expires_at=NOW + timedelta(minutes=10),
)


class ConnectionsService:
    """Takes the client id `client-1` alone."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._all),
            web.get(TRAKT_PATH, self._show),
            web.post(TRAKT_PATH, self._start),
            web.patch(TRAKT_PATH, self._settle),
            web.delete(TRAKT_PATH, self._end),
            web.post(f"{TRAKT_PATH}/sync", self._sync),
            web.get("/api/v1/sync/jobs/{id}", self._job),
            web.get("/internal/sync/trakt/watched/{type}/{id}", self._watched),
        ]

    async def _all(self, _request: web.Request) -> web.Response:
        held = self._inner.trakt
        trakt = ConnectionBrief(kind="trakt", state=held.state, name=held.name, reason=held.reason)
        return send(Connections((trakt, ConnectionBrief(kind="stremio", state="none"))))

    async def _watched(self, request: web.Request) -> web.Response:
        return send(TraktWatched(request.match_info["id"] in self._inner.watched_at_trakt or None))

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._inner.trakt)

    async def _start(self, request: web.Request) -> web.Response:
        new = msgspec.json.decode(await request.read(), type=NewTrakt)
        if new.client_id == "away":
            raise UpstreamFailed("Trakt can't be reached at the moment.")
        if new.client_id != "client-1":
            raise InvalidInput("Trakt does not take it.", fields={"client_id": "one that Trakt knows"})
        self._inner.trakt = TraktView(state="waiting", waiting=CODE, app_ending="nt-1")
        return send(self._inner.trakt, status=201)

    async def _settle(self, request: web.Request) -> web.Response:
        patch = msgspec.json.decode(await request.read(), type=TraktPatch)
        choices = msgspec.structs.replace(self._inner.trakt.choices, **msgspec.structs.asdict(patch))
        self._inner.trakt = msgspec.structs.replace(self._inner.trakt, choices=choices)
        return send(self._inner.trakt)

    async def _end(self, _request: web.Request) -> web.Response:
        self._inner.trakt = TraktView()
        return web.Response(status=204)

    async def _sync(self, _request: web.Request) -> web.Response:
        if self._inner.trakt.state == "none":
            raise Conflict("Connect first.")
        if self._inner.trakt.job_id:
            raise RateLimited("Trakt was read just now.", retry_after_s=9)
        running = job("running", id="job1", kind="trakt", phase="movies")
        self._inner.library.jobs.insert(0, running)
        self._inner.trakt = msgspec.structs.replace(self._inner.trakt, job_id=running.id, state="connected")
        return send(TraktSyncing(running.id), status=202)

    async def _job(self, request: web.Request) -> web.Response:
        runs = (run for run in self._inner.library.jobs if run.id == request.match_info["id"])
        run = next(runs, None)
        if run is None:
            raise NotFound("There is no such job.")
        return send(run)


def connected() -> TraktView:
    return TraktView(state="connected", name="Ada", app_ending="nt-1", connected_at=NOW, synced_at=NOW)


def refused(*, can_resume: bool) -> TraktView:
    reason = Said("account_locked", "Trakt has locked this account.")
    return TraktView(state="refused", reason=reason, app_ending="nt-1", can_resume=can_resume)

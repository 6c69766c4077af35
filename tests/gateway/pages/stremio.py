"""A profile's Stremio account as sync answers about it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from aiohttp import web

from libs.common.contracts.connections import Said, WaitingCode
from libs.common.contracts.stremio_account import (
    BASE_HEADER,
    STREMIO,
    InstalledAddon,
    InstalledAddons,
    NewPlan,
    NewStremio,
    PlanLine,
    PlanList,
    PlanView,
    StremioBackups,
    StremioPatch,
    StremioView,
)
from libs.common.errors import Conflict, InvalidInput, NotFound, UpstreamFailed
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import NOW, Inner

CODE = WaitingCode(
    user_code="GYWV",
    verification_url="https://link.stremio.com/GYWV",
    expires_at=NOW + timedelta(minutes=5),
)
LINES = (
    PlanLine(change="added", name="Headgate", address="https://hub.example/•••/manifest.json"),
    PlanLine(change="kept", name="Cinemeta", address="", official=True, protected=True, reason="It stays."),
    PlanLine(change="taken", name="<b>One</b>", address="", reason="It goes on."),
)


class StremioService:
    """Takes the password `open sesame` alone."""

    def __init__(self, inner: Inner) -> None:
        self._shelf = inner.stremio

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(STREMIO, self._show),
            web.post(STREMIO, self._connect),
            web.post(f"{STREMIO}/link", self._code),
            web.patch(STREMIO, self._settle),
            web.delete(STREMIO, self._end),
            web.get(f"{STREMIO}/addons", self._addons),
            web.post(f"{STREMIO}/plans", self._plan),
            web.get(f"{STREMIO}/plans", self._plans),
            web.get(f"{STREMIO}/plans/{{id}}", self._shown),
            web.post(f"{STREMIO}/plans/{{id}}/apply", self._apply),
            web.get(f"{STREMIO}/backups", self._backups),
        ]

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._shelf.view)

    async def _connect(self, request: web.Request) -> web.Response:
        new = msgspec.json.decode(await request.read(), type=NewStremio)
        if new.password != "open sesame":
            raise InvalidInput("Stremio says that the password is wrong.", fields={"password": "not the one"})
        self._shelf.view = connected()
        return send(self._shelf.view, status=201)

    async def _code(self, _request: web.Request) -> web.Response:
        if self._shelf.away:
            raise UpstreamFailed("Stremio could not be asked: it answered 503.")
        self._shelf.view = StremioView(state="waiting", waiting=CODE)
        return send(self._shelf.view, status=201)

    async def _settle(self, request: web.Request) -> web.Response:
        patch = msgspec.json.decode(await request.read(), type=StremioPatch)
        choices = msgspec.structs.replace(self._shelf.view.choices, **msgspec.structs.asdict(patch))
        self._shelf.view = msgspec.structs.replace(self._shelf.view, choices=choices)
        return send(self._shelf.view)

    async def _end(self, _request: web.Request) -> web.Response:
        self._shelf.view = StremioView()
        return web.Response(status=204)

    async def _addons(self, request: web.Request) -> web.Response:
        self._shelf.base = request.headers[BASE_HEADER]
        if self._shelf.has_signed_out:
            self._shelf.view = refused()
            raise Conflict("Stremio has ended this sign-in.")
        if self._shelf.away:
            raise UpstreamFailed("Stremio could not be asked: it answered 503.")
        return send(InstalledAddons(self._shelf.addons))

    async def _plan(self, request: web.Request) -> web.Response:
        new = msgspec.json.decode(await request.read(), type=NewPlan)
        if new.action == "push":
            raise Conflict("Your list at Stremio is like that already.")
        self._shelf.asked.append(new)
        plan = PlanView(id="p1", action=new.action, state="planned", lines=LINES, created_at=NOW)
        self._shelf.plans[plan.id] = plan
        return send(plan, status=201)

    async def _plans(self, _request: web.Request) -> web.Response:
        return send(PlanList(tuple(self._shelf.plans.values())))

    async def _shown(self, request: web.Request) -> web.Response:
        plan = self._shelf.plans.get(request.match_info["id"])
        if plan is None:
            raise NotFound("There is no such plan.")
        return send(plan)

    async def _apply(self, request: web.Request) -> web.Response:
        plan = self._shelf.plans[request.match_info["id"]]
        if plan.state not in {"planned", "interrupted"}:
            raise Conflict("This was applied or refused already.")
        self._shelf.plans[plan.id] = msgspec.structs.replace(plan, state="applying")
        return send(self._shelf.plans[plan.id], status=202)

    async def _backups(self, _request: web.Request) -> web.Response:
        return send(StremioBackups(self._shelf.backups))


def connected() -> StremioView:
    return StremioView(state="connected", name="anna@example.org", connected_at=NOW)


def refused() -> StremioView:
    return StremioView(state="refused", reason=Said("signed_out", "Stremio has ended this sign-in."))


def installed(name: str, *, own: bool = False, official: bool = False) -> InstalledAddon:
    return InstalledAddon(
        name=name,
        address="https://x.example/•••/manifest.json",
        version="1.0.0",
        official=official,
        protected=official,
        is_own=own,
        in_headgate=False,
    )

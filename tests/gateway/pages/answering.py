"""The four inner services over HTTP, one small class each, answering from what `Inner` holds."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import msgspec
from aiohttp import web

from libs.addons.addon import OWN
from libs.common.contracts.addon_health import AddonHealth
from libs.common.contracts.auth import (
    Account,
    Credentials,
    InstallToken,
    LoginRequest,
    LoginResult,
    LogoutRequest,
    PlayerLogin,
    Resolved,
    SetupState,
    TokenToResolve,
)
from libs.common.contracts.catalog import (
    AddonList,
    AddonOrder,
    AddonPatch,
    NewAddon,
)
from libs.common.contracts.playback import PlaybackAsked, SubtitleList
from libs.common.contracts.streaming import StreamsPage
from libs.common.errors import Conflict, HeadgateError, InvalidInput, NotFound, Unauthenticated
from libs.common.identity import Identity
from libs.common.states import Cleared, Clearing
from libs.common.web import problem_response
from tests.gateway.pages.accounts import AccountsOfAuth, send
from tests.gateway.pages.connections import ConnectionsService
from tests.gateway.pages.diagnosed import DiagnosedService
from tests.gateway.pages.imports import ImportsService
from tests.gateway.pages.inner import NOW, Inner, addon
from tests.gateway.pages.library.service import LibraryService
from tests.gateway.pages.links import LinksService
from tests.gateway.pages.outgoing import OutgoingService
from tests.gateway.pages.ratings import RatingChoices
from tests.gateway.pages.rows import RowsOfCatalog
from tests.gateway.pages.source_choices import SourceChoices
from tests.gateway.pages.stremio import StremioService
from tests.gateway.pages.sync import SyncService
from tests.gateway.pages.titles import TitlesOfCatalog
from tests.gateway.pages.tmdb import TmdbOfCatalog
from tests.gateway.pages.viewing.choices import ViewingChoices
from tests.gateway.pages.viewing.service import ViewingService

OWNER = Account("acc", "owner", "premium", ("owner",), "pro", "Household")


def app_of(inner: Inner) -> web.Application:
    """All four behind one port; errors are answered as the real ones answer them."""

    @web.middleware
    async def answer(request: web.Request, handler: Any) -> web.StreamResponse:
        inner.asked.append(f"{request.method} {request.path_qs}")
        try:
            if request.path == inner.garbled:
                return web.Response(text='{"items": [')
            if request.path in inner.failing:
                raise inner.failing[request.path]
            found: web.StreamResponse = await handler(request)
        except HeadgateError as error:
            return problem_response(error, "inner")
        return found

    services = cycle(("auth", "catalog", "streaming", "sync"))

    async def state(_request: web.Request) -> web.Response:
        # All four answer at one address, so they take turns in being asked.
        return send(msgspec.structs.replace(inner.state, service=next(services)))

    async def caches(_request: web.Request) -> web.Response:
        return send(inner.asked_most)

    async def clear(request: web.Request) -> web.Response:
        inner.cleared.append(msgspec.json.decode(await request.read(), type=Clearing))
        return send(Cleared(entries=1, caches=1))

    app = web.Application(middlewares=[answer])
    app.router.add_get("/internal/state", state)
    app.router.add_get("/internal/caches", caches)
    app.router.add_post("/internal/caches", clear)
    for part in (
        AuthService(inner),
        AccountsOfAuth(inner),
        AddonsOfCatalog(inner),
        RowsOfCatalog(inner),
        TitlesOfCatalog(inner),
        StreamingService(inner),
        SyncService(inner),
        ConnectionsService(inner),
        OutgoingService(inner),
        ImportsService(inner.brought),
        StremioService(inner),
        RatingChoices(inner),
        SourceChoices(inner),
        TmdbOfCatalog(inner),
        LibraryService(inner),
        DiagnosedService(inner),
        LinksService(),
        ViewingService(inner.viewing),
        ViewingChoices(inner),
    ):
        app.router.add_routes(part.routes())
    return app


class AuthService:
    """One owner, sessions in a dictionary."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/internal/auth/setup", self._state),
            web.post("/internal/auth/setup", self._setup),
            web.get("/internal/auth/account", self._account),
            web.post("/internal/auth/login", self._login),
            web.post("/internal/auth/logout", self._logout),
            web.post("/internal/auth/sessions/resolve", self._resolve),
            web.get("/internal/auth/install-token", self._install_token),
            web.get("/internal/auth/player-login", self._player_login),
            web.post("/internal/auth/player-login/rotate", self._rotate_login),
            web.post("/internal/auth/install-token/rotate", self._rotate),
        ]

    async def _state(self, _request: web.Request) -> web.Response:
        return send(SetupState(needed=not self._inner.accounts))

    async def _setup(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=Credentials)
        if self._inner.accounts:
            raise Conflict("This hub has its owner already.")
        if len(wanted.password) < 8:
            raise InvalidInput(fields={"password": "Use at least 8 characters."})
        self._inner.accounts[wanted.username] = wanted.password
        return send(OWNER, 201)

    async def _login(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=LoginRequest)
        if self._inner.accounts.get(wanted.username) != wanted.password:
            raise Unauthenticated("The name or the password is wrong.")
        token = f"session-{len(self._inner.sessions)}"
        self._inner.sessions[token] = wanted.username
        return send(LoginResult(OWNER, session_token=token))

    async def _resolve(self, request: web.Request) -> web.Response:
        token = msgspec.json.decode(await request.read(), type=TokenToResolve).token
        return send(Resolved(self._identity() if token in self._inner.sessions else None))

    def _identity(self) -> Identity:
        return Identity("acc", self._inner.profile_id, "premium", (self._inner.role,))

    async def _account(self, _request: web.Request) -> web.Response:
        return send(OWNER)

    async def _logout(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=LogoutRequest)
        self._inner.sessions.pop(wanted.session_token or "", None)
        return send(None)

    async def _player_login(self, _request: web.Request) -> web.Response:
        password = f"abcdefghjk{self._inner.logins_made:02}"
        return send(PlayerLogin(username="ada", password=password, created_at=NOW))

    async def _rotate_login(self, request: web.Request) -> web.Response:
        self._inner.logins_made += 1
        return await self._player_login(request)

    async def _install_token(self, _request: web.Request) -> web.Response:
        return send(InstallToken("it", f"hg_secret{self._inner.tokens_made}", NOW))

    async def _rotate(self, request: web.Request) -> web.Response:
        self._inner.tokens_made += 1
        return await self._install_token(request)


class AddonsOfCatalog:
    """The list of addons and what may be done to it."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/addons", self._listed),
            web.post("/api/v1/addons", self._add),
            web.put("/api/v1/addons/order", self._order),
            web.patch("/api/v1/addons/{id}", self._change),
            web.delete("/api/v1/addons/{id}", self._remove),
            web.post("/api/v1/addons/{id}/refresh", self._refresh),
            web.get("/api/v1/addons/{id}/health", self._health),
        ]

    def _place(self, request: web.Request) -> int:
        found = [n for n, item in enumerate(self._inner.addons) if item.id == request.match_info["id"]]
        if not found:
            raise NotFound("There is no such addon.")
        return found[0]

    async def _listed(self, _request: web.Request) -> web.Response:
        return send(AddonList(tuple(self._inner.addons)))

    async def _add(self, request: web.Request) -> web.Response:
        url = msgspec.json.decode(await request.read(), type=NewAddon).url
        if url in OWN:
            self._inner.addons.append(addon("own", "What you watch", builtin=True, address=url))
            return send(self._inner.addons[-1], 201)
        if not url.startswith(("https://", "stremio://")):
            raise InvalidInput("That is not the address of an addon.", fields={"url": "Not an address."})
        self._inner.addons.append(addon(f"a{len(self._inner.addons)}", url.split("/")[2]))
        return send(self._inner.addons[-1], 201)

    async def _change(self, request: web.Request) -> web.Response:
        patch = msgspec.json.decode(await request.read(), type=AddonPatch)
        n = self._place(request)
        changes = {
            name: value
            for name in ("name", "enabled")
            if (value := getattr(patch, name)) is not msgspec.UNSET
        }
        one = msgspec.structs.replace(self._inner.addons[n], **changes)
        if patch.pinned is not msgspec.UNSET:
            health = msgspec.structs.replace(one.health, pinned=patch.pinned)
            one = msgspec.structs.replace(one, health=health)
        self._inner.addons[n] = one
        return send(one)

    async def _health(self, request: web.Request) -> web.Response:
        one = self._inner.addons[self._place(request)]
        return send(
            self._inner.health.get(
                one.id, AddonHealth(addon_id=one.id, health=one.health, operations=(), hours=(), days=())
            )
        )

    async def _remove(self, request: web.Request) -> web.Response:
        del self._inner.addons[self._place(request)]
        return web.Response(status=204)

    async def _refresh(self, request: web.Request) -> web.Response:
        return send(self._inner.addons[self._place(request)])

    async def _order(self, request: web.Request) -> web.Response:
        ids = msgspec.json.decode(await request.read(), type=AddonOrder).ids
        self._inner.addons.sort(key=lambda item: ids.index(item.id))
        return send(AddonList(tuple(self._inner.addons)))


class StreamingService:
    """The sources of a title, how one is played, and where the profile stopped."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/streams/{type}/{id}", self._streams),
            web.get("/api/v1/progress/{id}", self._place),
            web.post("/internal/streaming/playback/{type}/{id}", self._plan),
            web.post("/internal/streaming/subtitles/{type}/{id}", self._subtitles),
            web.get("/api/v1/embeds", self._sites),
            web.get("/api/v1/embeds/{type}/{id}", self._embeds),
        ]

    async def _streams(self, request: web.Request) -> web.Response:
        return send(self._inner.streams.get(request.match_info["id"], StreamsPage(items=())))

    async def _place(self, request: web.Request) -> web.Response:
        place = self._inner.places.get(request.match_info["id"])
        if place is None:
            raise NotFound("This was never begun.")
        return send(place)

    async def _sites(self, _request: web.Request) -> web.Response:
        return send(self._inner.embed_sites)

    async def _embeds(self, _request: web.Request) -> web.Response:
        return send(self._inner.embeds)

    async def _subtitles(self, request: web.Request) -> web.Response:
        return send(self._inner.subtitles.get(request.match_info["id"], SubtitleList(items=())))

    async def _plan(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=PlaybackAsked)
        self._inner.played.append(asked)
        plan = self._inner.plans.get(asked.question.source)
        if plan is None:
            raise NotFound("There is no such source.")
        return send(plan)

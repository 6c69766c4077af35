"""The server: who asks, how often they may, what goes wrong, and who answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from libs.common.clock import Clock
from tests.fakes.clock import ManualClock
from tests.fakes.trakt.faults import EDGE, Fault
from tests.fakes.trakt.limits import Limits
from tests.fakes.trakt.person import Person
from tests.fakes.trakt.reading import Reading
from tests.fakes.trakt.signing import SignedIn, Signing
from tests.fakes.trakt.titles import Titles
from tests.fakes.trakt.writing import Writing

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answer = Callable[[web.Request, Person], Awaitable[web.Response]]

CLIENT_ID = "client-1"


class FakeTrakt:
    """Everything public can be changed while it runs. It is its own authorisation server."""

    def __init__(self, *, clock: Clock | None = None, port: int = 0) -> None:
        self.clock: Clock = clock or ManualClock()
        self.titles = Titles()
        self.people: dict[str, Person] = {}
        self.signing = Signing(self.clock)
        self.limits = Limits(self.clock)
        self.reading = Reading(self.titles)
        self.writing = Writing(self.titles)
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        """By "METHOD /path", the ids of things left out."""
        self.port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def person(self, name: str, *, vip: bool = True) -> Person:
        return self.people.setdefault(name, Person(name, self.clock, vip=vip))

    def sign_in(self, person: Person, client_id: str = CLIENT_ID) -> SignedIn:
        return self.signing.sign_in(person, client_id)

    def fail(
        self,
        status: int,
        *,
        on: str = "",
        times: int | None = 1,
        after: int = 0,
        acted: bool = False,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Fault:
        """See Fault. A 429 without headers is one of a server before Trakt."""
        told = EDGE if status == 429 and not headers and not body else body
        fault = Fault(status, on, times, after, acted, told, headers or {})
        self.faults.append(fault)
        return fault

    def heal(self) -> None:
        for fault in self.faults:
            fault.healed.set()
        self.faults.clear()

    @property
    def reads(self) -> int:
        """How many questions there were that change nothing."""
        return sum(count for name, count in self.calls.items() if name.startswith("GET "))

    async def __aenter__(self) -> Self:
        # A client that is much used asks below "//oauth", and goes where it is sent.
        tidy = web.normalize_path_middleware(append_slash=False, merge_slashes=True)
        app = web.Application(client_max_size=8 * 1024 * 1024, middlewares=[tidy, self._on_demand])
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heal()
        if self._runner is not None:
            await self._runner.cleanup()

    def _routes(self) -> list[web.RouteDef]:
        signing, reading, writing = self.signing, self.reading, self.writing
        answers: list[tuple[str, str, Answer]] = [
            ("GET", "/users/settings", reading.settings),
            ("GET", "/sync/last_activities", reading.activities),
            ("GET", "/sync/watched/{type:movies|shows}", reading.watched),
            ("GET", "/sync/watchlist", reading.watchlist),
            ("GET", "/sync/watchlist/{type}", reading.watchlist),
            ("GET", "/sync/watchlist/{type}/{sort_by}/{sort_how}", reading.watchlist),
            ("GET", "/sync/playback", reading.playback),
            ("GET", "/sync/playback/{type:movies|episodes}", reading.playback),
            ("DELETE", "/sync/playback/{id}", writing.remove_playback),
            ("GET", "/sync/history", reading.history),
            ("GET", "/sync/history/{type}", reading.history),
            ("GET", "/sync/history/{type}/{id}", reading.history),
            ("GET", "/search/imdb/{id}", reading.search),
            ("GET", "/shows/{id}/progress/watched", reading.show_progress),
            ("POST", "/sync/history", writing.add_history),
            ("POST", "/sync/history/remove", writing.remove_history),
            ("POST", "/sync/watchlist", writing.add_watchlist),
            ("POST", "/sync/watchlist/remove", writing.remove_watchlist),
            ("POST", "/scrobble/{action:start|pause|stop}", writing.scrobble),
        ]
        return [
            web.post("/oauth/device/code", signing.device_code),
            web.post("/oauth/device/token", signing.device_token),
            web.post("/oauth/token", signing.token),
            web.post("/oauth/revoke", signing.revoked),
            *(web.route(method, path, self._for_person(answer)) for method, path, answer in answers),
        ]

    @web.middleware
    async def _on_demand(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        name = f"{request.method} {re.sub(r'/(tt)?[0-9]+(?=/|$)', '', request.path)}"
        self.calls[name] += 1
        fault = next((one for one in self.faults if one.hits(name)), None)
        if fault is None:
            return await handler(request)
        if fault.acted:
            await handler(request)
        return await fault.answer(request)

    def _for_person(self, answer: Answer) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            client_id = request.headers.get("trakt-api-key", "")
            known = client_id in self.signing.apps and client_id not in self.signing.removed
            if not known or request.headers.get("trakt-api-version") != "2":
                return web.Response(status=403)
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            signed_in = self.signing.whose(token)
            if kind != "Bearer" or signed_in is None or signed_in.client_id != client_id:
                return web.Response(status=401)
            if request.method == "POST" and request.content_type != "application/json":
                return web.Response(status=412)
            person = signed_in.person
            if person.locked:
                return web.Response(status=423, headers={f"X-Account-{person.locked.title()}": "true"})
            refused = self.limits.check(request.method, person)
            return await answer(request, person) if refused is None else refused

        return handler

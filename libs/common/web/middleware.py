"""The one middleware around every handler: request id, trace, identity, access, errors, metrics, log line.

They are one function because each layer costs every request, and a warm answer costs about 25 µs in all.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from aiohttp.web_urldispatcher import AbstractRoute, SystemRoute
from prometheus_client import Histogram

from libs.common.clock import Clock
from libs.common.errors import HeadgateError, MalformedRequest, Overloaded, RequestTimedOut
from libs.common.hops import HEADER as HOPS_HEADER
from libs.common.hops import read_hops
from libs.common.identity import ANONYMOUS, Identity, IdentitySigner
from libs.common.identity import HEADER as IDENTITY_HEADER
from libs.common.metrics import Metrics
from libs.common.spans import current_spans
from libs.common.trace import REQUEST_ID_HEADER, TRACEPARENT_HEADER, Trace, current_trace, valid_request_id
from libs.common.web.endpoints import Access, Handler, check_access
from libs.common.web.peer import TrustedPeers
from libs.common.web.pressure import Pressure
from libs.common.web.problems import framework_response, problem_response, unknown_error_response
from libs.common.web.repeats import Repeats
from libs.common.web.request import STATE, RequestState, request_id_of

log = structlog.get_logger(__name__)

Authenticate: TypeAlias = Callable[[web.Request], Awaitable[Identity]]
Show: TypeAlias = Callable[[web.Request, HeadgateError], web.Response]
Observe: TypeAlias = Callable[[web.Request, web.StreamResponse, str], None]
AtHand: TypeAlias = Callable[[web.Request], web.StreamResponse | None]
"""Answers a GET that needs no waiting; None leaves the request, untouched and uncounted, to its route."""
SERVER = "Headgate"
CLIENT_GONE = 499  # nginx's number for a client that closed before the answer


class _Observed:
    """A route with what it needs per request, looked up once by the route object."""

    __slots__ = ("access", "by_status", "lasts", "quiet", "template")

    def __init__(self, template: str, access: Access, *, quiet: bool = False, lasts: bool = False) -> None:
        self.template = template
        self.access: Access = access
        self.quiet = quiet
        self.lasts = lasts
        self.by_status: dict[tuple[str, int], Histogram] = {}


class Edge:
    """Builds the middleware. Routes are registered with their access; any other route counts as public."""

    def __init__(
        self,
        *,
        metrics: Metrics,
        clock: Clock,
        peers: TrustedPeers,
        authenticate: Authenticate,
        trust_identity: bool,
        default_deadline_s: float,
        log_sample: float,
        pressure: Pressure,
        show: Show | None = None,
    ) -> None:
        self._service = metrics.service
        self._spans = current_spans.get()
        self._clock = clock
        self._peers = peers
        self._authenticate = authenticate
        self._trust_identity = trust_identity
        self._default_deadline_s = default_deadline_s
        # Every n-th good answer is logged: as fair as a random draw, cheaper, and the same in every test.
        self._log_every = round(1 / log_sample) if log_sample > 0 else 0
        self._repeats = Repeats(clock)
        self._show = show if show is not None else _show_problem
        self._served = 0
        self._pressure = pressure
        self.observe: Observe | None = None
        """Hears of each answer that refuses: the request, the answer, the route or `unmatched`."""
        self.draining = False
        """From now on each answer asks its client to open its next connection elsewhere."""
        self._at_hand: tuple[_Observed, AtHand] | None = None
        self._routes: dict[AbstractRoute, _Observed] = {}
        self._unmatched = _Observed("unmatched", "public")
        self._seconds = metrics.histogram(
            "http_request_seconds", "Time to answer a request", ("method", "route", "status")
        )
        self._id_prefix = secrets.token_hex(6)
        self._id_numbers = itertools.count(1)

    def register(
        self, route: AbstractRoute, access: Access, *, quiet: bool = False, lasts: bool = False
    ) -> None:
        """`quiet` routes (health, metrics) are neither authenticated nor measured nor logged. Those that
        `lasts` are not counted as under way, and only their failures are measured."""
        self._routes[route] = _Observed(_template(route), access, quiet=quiet, lasts=lasts)

    def ask_first(self, template: str, at_hand: AtHand) -> None:
        """Ask `at_hand`, which counts as the route `template`, before any route is looked for."""
        self._at_hand = _Observed(template, "public"), at_hand

    def answer_at_hand(self, request: web.Request) -> web.StreamResponse | None:
        """Finding a route, its middlewares and a context cost a warm answer a third of its time.

        Whatever is out of the ordinary goes the usual way, and so does every answer that is to be logged.
        However much there is to do, these are given: refusing one would take as long.
        """
        if (
            self._at_hand is None
            or self.draining
            or self._spans is not None
            or (self._log_every and (self._served + 1) % self._log_every == 0)
        ):
            return None
        observed, at_hand = self._at_hand
        started = self._clock.monotonic()
        response = at_hand(request)
        if response is None:
            return None
        self._served += 1
        response.headers[REQUEST_ID_HEADER] = self._request_id(request, self._trusts(request))
        response.headers["Server"] = SERVER
        self._measure(observed, "GET", response.status, self._clock.monotonic() - started)
        return response

    def middleware(self) -> Middleware:
        @web.middleware
        async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
            state = self._enter(request)
            observed = self._observed(request)
            if observed.quiet:
                quiet = await handler(request)
                quiet.headers["Server"] = SERVER
                if self.draining:
                    quiet.force_close()
                return quiet
            status = CLIENT_GONE
            if not observed.lasts:
                self._pressure.enter()
            try:
                response = await self._answer(request, handler, state, observed)
                status = response.status
                if status >= 400 and self.observe is not None:
                    self.observe(request, response, observed.template)
                if not response.prepared:
                    response.headers[REQUEST_ID_HEADER] = state.trace.request_id
                    response.headers["Server"] = SERVER  # aiohttp would name its version and Python's
                    if self.draining:
                        response.force_close()
                return response
            except web.HTTPException as answer:
                # Only redirects get here: aiohttp wants them raised.
                status = answer.status
                answer.headers[REQUEST_ID_HEADER] = state.trace.request_id
                answer.headers["Server"] = SERVER
                raise
            finally:
                if not observed.lasts:
                    self._pressure.leave()
                self._record(request, observed, status, self._clock.monotonic() - state.started)

        return edge

    async def _answer(
        self, request: web.Request, handler: Handler, state: RequestState, observed: _Observed
    ) -> web.StreamResponse:
        request_id = state.trace.request_id
        try:
            state.identity = await self._authenticate(request)
            if observed.access != "public":
                check_access(observed.access, state.identity)
            return await handler(request)
        except Overloaded as error:
            # Told once by who measures it; and a page would cost more than what was asked for.
            return problem_response(error, request_id)
        except HeadgateError as error:
            _cut_if_begun(request)
            state.is_flood = error.is_flood
            if error.status >= 500:
                self._warn(observed, error)
            shown = self._show(request, error)
            if isinstance(error, MalformedRequest | RequestTimedOut):
                shown.force_close()  # what still comes can't be told from a next request
            return shown
        except web.RequestPayloadError:
            broken = MalformedRequest("The body is not as the headers announced it.")
            response = problem_response(broken, request_id)
            response.force_close()
            return response
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return framework_response(error, request_id)
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception:
            log.exception("request_failed", route=observed.template, method=request.method)
            _cut_if_begun(request)
            return unknown_error_response(request_id)

    def _warn(self, observed: _Observed, error: HeadgateError) -> None:
        left_out = self._repeats.due((observed.template, error.code))
        if left_out is not None:
            log.warning(
                "request_error",
                route=observed.template,
                code=error.code,
                detail=error.detail,
                **_told(left_out),
            )

    def _enter(self, request: web.Request) -> RequestState:
        headers = request.headers
        trusted = self._trusts(request)
        parent = headers.get(TRACEPARENT_HEADER) if trusted else None
        hops = headers.get(HOPS_HEADER)
        trace = Trace(
            self._request_id(request, trusted),
            parent,
            hops=read_hops(hops) if hops else (),
            service=self._service,
        )
        current_trace.set(trace)
        state = request[STATE] = RequestState(
            trace,
            self._clock,
            started=self._clock.monotonic(),
            trusted=trusted,
            default_deadline_s=self._default_deadline_s,
        )
        return state

    def _trusts(self, request: web.Request) -> bool:
        return self._peers.trusts(request.remote or "") or (
            self._trust_identity and IDENTITY_HEADER in request.headers
        )

    def _request_id(self, request: web.Request, trusted: bool) -> str:
        given = request.headers.get(REQUEST_ID_HEADER) if trusted else None
        if given is not None and valid_request_id(given):
            return given
        return f"{self._id_prefix}-{next(self._id_numbers):x}"

    def _observed(self, request: web.Request) -> _Observed:
        route = request.match_info.route
        observed = self._routes.get(route)
        if observed is None:
            # The route of a 404 is made for that request alone: keeping it would be a leak.
            if isinstance(route, SystemRoute):
                return self._unmatched
            observed = self._routes[route] = _Observed(_template(route), "public")
        return observed

    def _measure(self, observed: _Observed, method: str, status: int, elapsed_s: float) -> None:
        child = observed.by_status.get((method, status))
        if child is None:
            child = self._seconds.labels(method, observed.template, str(status))
            observed.by_status[method, status] = child
        child.observe(elapsed_s)

    def _record(self, request: web.Request, observed: _Observed, status: int, elapsed_s: float) -> None:
        # Anybody may invent methods; labels must stay few.
        method = "other" if observed is self._unmatched else request.method
        if not observed.lasts or status >= 500:
            self._measure(observed, method, status, elapsed_s)
        if self._spans is not None:
            self._spans.answered(request[STATE].trace, request.method, observed.template, status, elapsed_s)
        left_out: int | None = 0
        if status < 400:
            self._served += 1
            if not self._log_every or self._served % self._log_every:
                return
        elif status >= 500 or request[STATE].is_flood:
            left_out = self._repeats.due((observed.template, method, status))
        if left_out is not None:
            log.info(
                "request",
                service=self._service,
                method=request.method,
                route=observed.template,
                status=status,
                ms=round(elapsed_s * 1000, 2),
                **_asked_by(request[STATE].identity),
                **_told(left_out),
            )


def identity_from_header(signer: IdentitySigner) -> Authenticate:
    """How a service behind the gateway knows who asks: the signed header, or nobody without one."""

    async def authenticate(request: web.Request) -> Identity:
        header = request.headers.get(IDENTITY_HEADER)
        return ANONYMOUS if header is None else signer.verify(header)

    return authenticate


def identity_under_pressure(authenticate: Authenticate, pressure: Pressure) -> Authenticate:
    """As `authenticate`, refusing whom there is no room for once it is known who that is."""

    async def admit(request: web.Request) -> Identity:
        identity = await authenticate(request)
        if pressure.in_flight > pressure.threshold:
            pressure.judge("account" if identity.is_known else "anonymous")
        return identity

    return admit


def _show_problem(request: web.Request, error: HeadgateError) -> web.Response:
    return problem_response(error, request_id_of(request))


def _asked_by(identity: Identity) -> dict[str, str]:
    return {"account_id": identity.account_id} if identity.account_id else {}


def _told(left_out: int) -> dict[str, int]:
    return {"left_out": left_out} if left_out else {}


def _template(route: AbstractRoute) -> str:
    resource = route.resource
    return resource.canonical if resource is not None else "unmatched"


def _cut_if_begun(request: web.Request) -> None:
    """An answer already on its way can't become an error: cutting the connection tells the client."""
    writer: Any = request.writer
    if writer.output_size > 0:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("the answer failed after it had begun")

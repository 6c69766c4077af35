"""The gateway's application: built from settings, connected to its services at start."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from libs.common.balance.registry import Registry
from libs.common.balance.service import Balancing
from libs.common.cache import Cache
from libs.common.clock import Clock, SystemClock
from libs.common.contracts.accounts import AccountsClient
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.streaming import StreamingClient
from libs.common.contracts.sync import SyncClient
from libs.common.contracts.titles import TitlesClient
from libs.common.graph import (
    open_cache,
    open_cache_redis,
    open_registry,
    open_service,
    open_state_redis,
    watch_redis,
)
from libs.common.health import Health
from libs.common.hops import own_name
from libs.common.identity import IdentitySigner
from libs.common.metrics import Metrics
from libs.common.ratelimit import Engine, MemoryEngine, RedisEngine
from libs.common.secrets import SecretBox
from libs.common.settings import INNER_SERVICES
from libs.common.states import LimitState, RefusalState
from libs.common.status import Status
from libs.common.tasks import Tasks
from libs.common.web import Endpoint, create_service_app, openapi_document
from libs.common.web.app import EDGE, PEERS, STATUS, VERSION
from libs.common.web.server import BOUNDS, ConnectionBounds
from services.gateway import admin, api, keys, proxy, stremio, upkeep
from services.gateway.abuse import routes as abuse_routes
from services.gateway.abuse.protection import Protection
from services.gateway.abuse.redis_store import RedisDecisions
from services.gateway.abuse.watch import exempt_networks, observe_malformed, observe_refused
from services.gateway.access_tokens import JwksVerifier
from services.gateway.admit import admit
from services.gateway.answer_counts import Answered
from services.gateway.answers import Answers
from services.gateway.at_hand import AtHand
from services.gateway.caches import HubCaches
from services.gateway.callers import Callers
from services.gateway.diagnostics import Diagnosis
from services.gateway.documents import Documents
from services.gateway.face import Face
from services.gateway.hub_state import HubStates
from services.gateway.idempotency.handlers import repeatable
from services.gateway.idempotency.once import Once
from services.gateway.idempotency.redis import RedisStore
from services.gateway.idempotency.store import MemoryStore
from services.gateway.identify import send_csrf_cookie
from services.gateway.limits.edge import show_limits
from services.gateway.limits.rules import Limits
from services.gateway.model import FACE_PREFIX
from services.gateway.pages import parts, setup_pages
from services.gateway.pages.failures import show_error
from services.gateway.pages.routes import page_endpoints
from services.gateway.responses import ResponseCache
from services.gateway.set_up import SetUp
from services.gateway.settings import Settings

if TYPE_CHECKING:
    from libs.common.redis.client import StateRedis

CALLERS_BYTES = 16 * 1024 * 1024
"""Who about 15 000 tokens belong to."""

REQUIRED = frozenset({"auth"})
"""Without auth nobody can be answered at all; without another service its part is missing."""


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    clock = clock if clock is not None else SystemClock()
    metrics = Metrics("gateway", clock=clock)
    health = Health(clock=clock)
    graph = _Graph(settings, clock=clock, metrics=metrics, health=health)
    app = create_service_app(
        settings=settings.common,
        metrics=metrics,
        clock=clock,
        endpoints=[
            *stremio.endpoints(),
            *repeatable([*api.ENDPOINTS, *admin.ENDPOINTS, *abuse_routes.ENDPOINTS, *proxy.endpoints()]),
            *upkeep.endpoints(metrics),
            *page_endpoints(),
        ],
        context=graph.run,
        health=health,
        authenticate=admit,
        show=show_error,
        max_body_bytes=settings.api_body_max_bytes,
        default_deadline_s=settings.api_timeout_s,
    )
    app[keys.SETTINGS] = settings
    app[keys.CLOCK] = clock
    setup_pages(app)
    app[EDGE].observe = observe_refused
    app[BOUNDS] = ConnectionBounds(
        head_within_s=settings.head_timeout_s,
        per_address=settings.max_connections_per_address,
        malformed=partial(observe_malformed, app),
    )
    app.on_response_prepare.append(_finish)
    return app


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    """One function for every response being prepared: each receiver would cost each request."""
    show_limits(request, response)
    if request.raw_path.startswith(FACE_PREFIX):
        stremio.allow_any_origin(response)
    else:
        send_csrf_cookie(request, response)


class _Graph:
    """Builds the collaborators when the app starts and closes them, last made first, when it ends."""

    def __init__(self, settings: Settings, *, clock: Clock, metrics: Metrics, health: Health) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._health = health

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        common = self._settings.common
        async with AsyncExitStack() as stack:
            state = open_state_redis(
                stack, common, health=self._health, clock=self._clock, used_for="decisions"
            )
            registry = open_registry(stack, common, health=self._health, clock=self._clock, state=state)
            services = await self._connect(stack, app[STATUS], registry)
            tasks = Tasks()
            answered, known = await self._caches(stack, tasks, app[STATUS])
            stack.push_async_callback(tasks.aclose)
            app[keys.ABUSE] = await self._protection(state, tasks)
            app[keys.ONCE] = self._once(state, tasks)
            app[keys.LIMITS] = limits = self._limits(state, registry, tasks)
            app[STATUS].add(LimitState, limits.snapshot)
            app[STATUS].add(RefusalState, limits.refusals.latest)
            app[keys.HUB_STATE] = states = await self._states(stack, app[STATUS], services, registry)
            app[keys.HUB_CACHES] = HubCaches(app[STATUS], states)
            app[keys.DIAGNOSIS] = Diagnosis(states, common, version=VERSION, metrics=self._metrics)
            app[keys.DOCUMENTS] = self._documents(services)
            app[keys.IDENTIFY] = callers = self._ask(app, services, known)
            app[keys.RESPONSE_CACHE] = responses = ResponseCache(answered)
            app[keys.ANSWERED] = counts = Answered(self._metrics)
            face = Face(
                callers=callers,
                services=services,
                responses=responses,
                clock=self._clock,
                timeout_s=self._settings.stremio_timeout_s,
            )
            app[keys.FACE] = shown = self._face(face, counts, tasks)
            at_hand = AtHand(shown, limits=limits, protection=app[keys.ABUSE], peers=app[PEERS])
            app[EDGE].ask_first(stremio.ADDRESS, at_hand)
            yield

    async def _connect(
        self, stack: AsyncExitStack, status: Status, registry: Registry | None
    ) -> dict[str, ServiceClient]:
        found: dict[str, ServiceClient] = {}
        for name in INNER_SERVICES:
            found[name] = client = await open_service(
                stack,
                self._settings.common,
                name,
                metrics=self._metrics,
                clock=self._clock,
                status=status,
                registry=registry,
            )
            self._health.add_instances(name, partial(upkeep.instances_of, client))
            self._health.add(name, upkeep.readiness_of(client, self._clock), required=name in REQUIRED)
        return found

    def _ask(self, app: web.Application, services: Mapping[str, ServiceClient], known: Cache) -> Callers:
        """Everything that handlers ask services by."""
        auth = AuthClient(services["auth"])
        callers = Callers(auth, JwksVerifier(auth, clock=self._clock), cache=known, clock=self._clock)
        auth.service.heard = callers.hear
        services["catalog"].heard = services["streaming"].heard = parts.hear
        app[keys.SERVICES] = services
        app[keys.AUTH] = auth
        app[keys.SET_UP] = SetUp(auth)
        app[keys.ACCOUNTS] = AccountsClient(services["auth"])
        app[keys.CATALOG] = CatalogClient(services["catalog"])
        app[keys.STREAMING] = StreamingClient(services["streaming"])
        app[keys.SYNC] = SyncClient(services["sync"])
        app[keys.TITLES] = TitlesClient(services["catalog"])
        return callers

    def _face(self, face: Face, counts: Answered, tasks: Tasks) -> stremio.StremioFace:
        return stremio.StremioFace(
            face,
            answers=Answers(max_bytes=self._settings.response_cache_bytes),
            answered=counts,
            clock=self._clock,
            tasks=tasks,
            hop_name=own_name(self._settings.common.secret_key),
        )

    async def _caches(self, stack: AsyncExitStack, tasks: Tasks, status: Status) -> tuple[Cache, Cache]:
        """What was answered, and who tokens belong to."""
        redis = open_cache_redis(stack, self._settings.common, health=self._health)
        opened = partial(
            open_cache,
            stack,
            redis,
            tasks=tasks,
            metrics=self._metrics,
            clock=self._clock,
            status=status,
        )
        responses = await opened("responses", max_bytes=self._settings.response_cache_bytes)
        return responses, await opened("callers", max_bytes=CALLERS_BYTES, near=True)

    async def _protection(self, state: "StateRedis | None", tasks: Tasks) -> Protection:
        protection = Protection(
            mode=self._settings.abuse_protection,
            exempt=exempt_networks(self._settings),
            clock=self._clock,
            tasks=tasks,
            metrics=self._metrics,
            shared=RedisDecisions(state, self._clock) if state is not None else None,
        )
        await protection.start()
        return protection

    def _limits(self, state: "StateRedis | None", registry: Registry | None, tasks: Tasks) -> Limits:
        engine: Engine = MemoryEngine(self._clock)
        if state is not None:
            replicas: Callable[[], int] = lambda: 1  # noqa: E731
            if registry is not None:
                registry.watch("gateway")
                replicas = partial(registry.count, "gateway")
            engine = RedisEngine(state, self._clock, tasks=tasks, replicas=replicas)
        common = self._settings.common
        return Limits(
            self._settings.limits,
            engine,
            clock=self._clock,
            metrics=self._metrics,
            alone=not common.redis_url and not common.database_url,
        )

    async def _states(
        self,
        stack: AsyncExitStack,
        own: Status,
        services: Mapping[str, ServiceClient],
        registry: Registry | None,
    ) -> HubStates:
        clients = list(services.values())
        watch_redis(stack, self._settings.common, metrics=self._metrics, status=own, clock=self._clock)
        if registry is not None:
            # Other gateways are known only where instances register themselves.
            signer = IdentitySigner(self._settings.common.secret_key, self._clock)
            balancing = Balancing(clock=self._clock, registry=registry)
            gateways = ServiceClient.connected("gateway", "redis:", signer=signer, balancing=balancing)
            clients.append(await stack.enter_async_context(gateways))
        return HubStates(own.snapshot, clients, clock=self._clock)

    def _once(self, state: "StateRedis | None", tasks: Tasks) -> Once:
        answers = MemoryStore(self._clock) if state is None else RedisStore(state)
        box = SecretBox(self._settings.common.secret_key)
        return Once(answers, box=box, clock=self._clock, tasks=tasks, metrics=self._metrics)

    def _documents(self, services: Mapping[str, ServiceClient]) -> Documents:
        own: list[Endpoint] = [*api.ENDPOINTS, *admin.ENDPOINTS, *abuse_routes.ENDPOINTS]
        return Documents(
            partial(openapi_document, "Headgate", VERSION, own),
            services.values(),
            prefixes=[owned.prefix for owned in proxy.OWNED],
            clock=self._clock,
        )

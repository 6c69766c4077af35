"""The gateway's application: built from settings, connected to its services at start."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from libs.common.balance.registry import Registry
from libs.common.balance.service import Balancing
from libs.common.cache import Cache
from libs.common.clock import Clock
from libs.common.contracts.accounts import AccountsClient
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.library_client import LibraryClient
from libs.common.contracts.links import LinksClient
from libs.common.contracts.playback import PlaybackClient
from libs.common.contracts.players import PlayersClient
from libs.common.contracts.standing import StandingClient
from libs.common.contracts.streaming import StreamingClient
from libs.common.contracts.sync import SyncClient
from libs.common.contracts.titles import TitlesClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.graph import (
    open_cache,
    open_cache_redis,
    open_registry,
    open_service,
    open_state_redis,
    watch_redis,
)
from libs.common.ground import Ground
from libs.common.hops import own_name
from libs.common.identity import IdentitySigner
from libs.common.media import PREFIX as MEDIA_PREFIX
from libs.common.media import MediaPaths
from libs.common.ratelimit import Engine, MemoryEngine, RedisEngine
from libs.common.secrets import SecretBox
from libs.common.settings import INNER_SERVICES
from libs.common.states import LimitState, RefusalState
from libs.common.web import Endpoint, create_service_app, openapi_document
from libs.common.web.app import EDGE, PEERS, VERSION
from libs.common.web.server import BOUNDS, ConnectionBounds
from services.gateway import admin, api, keys, media, playback, proxy, stremio, upkeep
from services.gateway.abuse import routes as abuse_routes
from services.gateway.abuse.protection import Protection
from services.gateway.abuse.redis_store import RedisDecisions
from services.gateway.abuse.watch import exempt_networks, observe_malformed, observe_refused
from services.gateway.access_tokens import JwksVerifier
from services.gateway.admit import admit
from services.gateway.answer_counts import Answered
from services.gateway.answers import Answers
from services.gateway.at_hand import AtHand
from services.gateway.begun import Begun
from services.gateway.caches import HubCaches
from services.gateway.callers import Callers
from services.gateway.diagnostics import Diagnosis
from services.gateway.documents import Documents
from services.gateway.face import Face
from services.gateway.frames import Frames
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
from services.gateway.players.at_once import lists_at_once
from services.gateway.players.logins import FOR_PLAYERS
from services.gateway.players.routes import endpoints as player_endpoints
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
    app = create_service_app(
        settings.common,
        [
            *media.endpoints(),
            *playback.ENDPOINTS,
            *stremio.endpoints(),
            *repeatable([*api.ENDPOINTS, *admin.ENDPOINTS, *abuse_routes.ENDPOINTS, *proxy.endpoints()]),
            *upkeep.ENDPOINTS,
            *page_endpoints(),
            *player_endpoints(),
        ],
        lambda app, ground: _Graph(settings, app, ground).build(),
        clock=clock,
        authenticate=admit,
        show=show_error,
        max_body_bytes=settings.api_body_max_bytes,
        default_deadline_s=settings.api_timeout_s,
    )
    app[keys.SETTINGS] = settings
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
    if request.raw_path.startswith((FACE_PREFIX, MEDIA_PREFIX)) or FOR_PLAYERS in request:
        stremio.allow_any_origin(response)
    else:
        send_csrf_cookie(request, response)


class _Graph:
    """Makes the collaborators when the app starts."""

    def __init__(self, settings: Settings, app: web.Application, ground: Ground) -> None:
        self._settings = settings
        self._app = app
        self._ground = ground
        self._clock = ground.clock
        self._metrics = ground.metrics

    async def build(self) -> None:
        app, ground, common = self._app, self._ground, self._settings.common
        state = open_state_redis(ground, used_for="decisions")
        registry = open_registry(ground, state=state)
        services = await self._connect(registry)
        answered, known = await self._caches()
        app[keys.ABUSE] = protection = await self._protection(state)
        app[keys.ONCE] = self._once(state)
        app[keys.LIMITS] = limits = self._limits(state, registry)
        ground.status.add(LimitState, limits.snapshot)
        ground.status.add(RefusalState, limits.refusals.latest)
        app[keys.HUB_STATE] = states = await self._states(services, registry)
        app[keys.HUB_CACHES] = HubCaches(ground.status, states)
        app[keys.DIAGNOSIS] = Diagnosis(
            states,
            ground.reporter,
            StandingClient(services["catalog"], services["sync"]),
            common,
            version=VERSION,
            metrics=self._metrics,
        )
        app[keys.DOCUMENTS] = self._documents(services)
        app[keys.IDENTIFY] = callers = self._ask(services, known)
        app[keys.RESPONSE_CACHE] = responses = ResponseCache(answered)
        app[keys.ANSWERED] = counts = Answered(self._metrics)
        face = Face(
            callers=callers,
            services=services,
            responses=responses,
            clock=self._clock,
            timeout_s=self._settings.stremio_timeout_s,
        )
        app[keys.FACE] = shown = self._face(face, counts)
        at_hand = AtHand(shown, limits=limits, protection=protection, peers=app[PEERS])
        app[EDGE].ask_first(stremio.ADDRESS, at_hand)

    async def _connect(self, registry: Registry | None) -> dict[str, ServiceClient]:
        found, health = dict[str, ServiceClient](), self._ground.health
        for name in INNER_SERVICES:
            found[name] = client = await open_service(self._ground, name, registry=registry)
            health.add_instances(name, partial(upkeep.instances_of, client))
            health.add(name, upkeep.readiness_of(client, self._clock), required=name in REQUIRED)
        return found

    def _ask(self, services: Mapping[str, ServiceClient], known: Cache) -> Callers:
        """Everything that handlers ask services by."""
        app, auth = self._app, AuthClient(services["auth"])
        callers = Callers(auth, JwksVerifier(auth, clock=self._clock), cache=known, clock=self._clock)
        auth.service.heard = callers.hear
        services["catalog"].heard = services["streaming"].heard = parts.hear
        app[keys.SERVICES] = services
        app[keys.MEDIA_PATHS] = MediaPaths(self._settings.common.secret_key, self._clock)
        app[keys.AUTH] = auth
        app[keys.SET_UP] = SetUp(auth)
        app[keys.ACCOUNTS] = AccountsClient(services["auth"])
        app[keys.CATALOG] = CatalogClient(services["catalog"])
        app[keys.LIBRARY] = LibraryClient(services["catalog"])
        app[keys.LINKS] = LinksClient(services["streaming"])
        app[keys.LISTS_AT_ONCE] = lists_at_once()
        app[keys.PLAYBACK] = PlaybackClient(services["streaming"])
        app[keys.PLAYERS] = PlayersClient(services["catalog"])
        app[keys.STREAMING] = StreamingClient(services["streaming"])
        app[keys.SYNC] = SyncClient(services["sync"])
        app[keys.TITLES] = TitlesClient(services["catalog"])
        app[keys.VIEWING] = viewing = ViewingClient(services["streaming"])
        app[keys.FRAMES] = Frames(services["streaming"], self._clock)
        app[keys.BEGUN] = Begun(viewing, clock=self._clock, tasks=self._ground.tasks)
        return callers

    def _face(self, face: Face, counts: Answered) -> stremio.StremioFace:
        return stremio.StremioFace(
            face,
            answers=Answers(max_bytes=self._settings.response_cache_bytes),
            answered=counts,
            clock=self._clock,
            tasks=self._ground.tasks,
            hop_name=own_name(self._settings.common.secret_key),
            begun=self._app[keys.BEGUN],
        )

    async def _caches(self) -> tuple[Cache, Cache]:
        """What was answered, and who tokens belong to."""
        opened = partial(open_cache, self._ground, open_cache_redis(self._ground))
        responses = await opened("responses", max_bytes=self._settings.response_cache_bytes)
        return responses, await opened("callers", max_bytes=CALLERS_BYTES, near=True)

    async def _protection(self, state: "StateRedis | None") -> Protection:
        protection = Protection(
            mode=self._settings.abuse_protection,
            exempt=exempt_networks(self._settings),
            clock=self._clock,
            tasks=self._ground.tasks,
            metrics=self._metrics,
            shared=RedisDecisions(state, self._clock) if state is not None else None,
        )
        await protection.start()
        return protection

    def _limits(self, state: "StateRedis | None", registry: Registry | None) -> Limits:
        engine: Engine = MemoryEngine(self._clock)
        if state is not None:
            replicas: Callable[[], int] = lambda: 1  # noqa: E731
            if registry is not None:
                registry.watch("gateway")
                replicas = partial(registry.count, "gateway")
            engine = RedisEngine(state, self._clock, tasks=self._ground.tasks, replicas=replicas)
        common = self._settings.common
        return Limits(
            self._settings.limits,
            engine,
            clock=self._clock,
            metrics=self._metrics,
            alone=not common.redis_url and not common.database_url,
        )

    async def _states(self, services: Mapping[str, ServiceClient], registry: Registry | None) -> HubStates:
        clients = list(services.values())
        watch_redis(self._ground)
        if registry is not None:
            # Other gateways are known only where instances register themselves.
            signer = IdentitySigner(self._settings.common.secret_key, self._clock)
            balancing = Balancing(clock=self._clock, registry=registry)
            gateways = ServiceClient.connected("gateway", "redis:", signer=signer, balancing=balancing)
            clients.append(await self._ground.stack.enter_async_context(gateways))
        return HubStates(self._ground.status.snapshot, clients, clock=self._clock)

    def _once(self, state: "StateRedis | None") -> Once:
        answers = MemoryStore(self._clock) if state is None else RedisStore(state)
        box = SecretBox(self._settings.common.secret_key)
        return Once(answers, box=box, clock=self._clock, tasks=self._ground.tasks, metrics=self._metrics)

    def _documents(self, services: Mapping[str, ServiceClient]) -> Documents:
        own: list[Endpoint] = [*api.ENDPOINTS, *playback.ENDPOINTS, *admin.ENDPOINTS, *abuse_routes.ENDPOINTS]
        return Documents(
            partial(openapi_document, "Headgate", VERSION, own),
            services.values(),
            prefixes=[owned.prefix for owned in proxy.OWNED],
            clock=self._clock,
        )

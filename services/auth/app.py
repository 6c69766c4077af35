"""The auth service's application: built from settings, connected to its database at start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from aiohttp import web

from libs.common.clock import Clock, SystemClock
from libs.common.db import Database
from libs.common.graph import open_box, open_own_database, open_registry
from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from libs.common.web import SOJOURNS, create_service_app
from services.auth.accounts import Accounts
from services.auth.administration import Administration
from services.auth.api_keys import ApiKeys
from services.auth.audit import Audit
from services.auth.install_tokens import InstallTokens
from services.auth.passwords import LINE, TARGET_S, Cost, Passwords
from services.auth.profiles import Profiles
from services.auth.registration import Invitations, Registrations
from services.auth.routes import DOMAIN, ENDPOINTS, Domain, tell_gateways
from services.auth.sessions import Sessions
from services.auth.settings import DAY_S, Settings
from services.auth.signing import KEPT_MS, SigningKeys
from services.auth.store.accounts import AccountStore
from services.auth.store.administration import AdministrationStore
from services.auth.store.api_keys import ApiKeyStore
from services.auth.store.attempts import AttemptStore
from services.auth.store.audit import AuditStore
from services.auth.store.invitations import InvitationStore
from services.auth.store.keys import InstallStore, KeyStore
from services.auth.store.profiles import ProfileStore
from services.auth.store.refresh import RefreshStore
from services.auth.store.removals import RemovalStore
from services.auth.store.sessions import SessionStore
from services.auth.throttle import WINDOW_S, LoginThrottle
from services.auth.tokens import TokenPairs

PURGE_EVERY_S = 6 * 3600.0
AUDIT_DAYS = 180


def create_app(
    settings: Settings, *, clock: Clock | None = None, password_cost: Cost | None = None
) -> web.Application:
    clock = clock if clock is not None else SystemClock()
    metrics = Metrics("auth", clock=clock)
    health = Health(clock=clock)
    cost = password_cost or Cost()
    graph = _Graph(settings, clock=clock, metrics=metrics, health=health, password_cost=cost)
    app = create_service_app(
        settings=settings.common,
        metrics=metrics,
        clock=clock,
        endpoints=ENDPOINTS,
        context=graph.run,
        health=health,
    )
    app.on_response_prepare.append(tell_gateways)
    return app


class _Graph:
    """Builds the collaborators when the app starts and closes them, last made first, when it ends."""

    def __init__(
        self, settings: Settings, *, clock: Clock, metrics: Metrics, health: Health, password_cost: Cost
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._health = health
        self._password_cost = password_cost

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        settings, clock = self._settings, self._clock
        async with AsyncExitStack() as stack:
            db = await open_own_database(
                stack,
                settings.common,
                "auth",
                health=self._health,
                metrics=self._metrics,
                sojourns=app[SOJOURNS],
                clock=clock,
            )
            open_registry(stack, settings.common, health=self._health, clock=clock)
            passwords = Passwords(self._password_cost, line=app[SOJOURNS].line(LINE, target_s=TARGET_S))
            stack.callback(passwords.close)
            await passwords.start()
            box = await open_box(db, settings.common, "auth")
            keys = KeyStore(db, clock)
            signing = SigningKeys(keys, box)
            await signing.current()
            app[DOMAIN] = self._domain(db, passwords, signing, InstallTokens(InstallStore(db, clock), box))
            self._purge_regularly(stack, keys)
            yield

    def _domain(
        self, db: Database, passwords: Passwords, signing: SigningKeys, install_tokens: InstallTokens
    ) -> Domain:
        settings, clock = self._settings, self._clock
        throttle = LoginThrottle(AttemptStore(db, clock))
        accounts, invitations = AccountStore(db, clock), InvitationStore(db, clock)
        return Domain(
            accounts=Accounts(accounts, passwords, throttle),
            administration=Administration(AdministrationStore(db, clock), passwords),
            api_keys=ApiKeys(ApiKeyStore(db, clock)),
            audit=Audit(AuditStore(db, clock)),
            install_tokens=install_tokens,
            invitations=Invitations(invitations),
            keys=signing,
            profiles=Profiles(ProfileStore(db, clock)),
            registrations=Registrations(
                invitations, accounts, passwords, throttle, mode=settings.registration
            ),
            removals=RemovalStore(db, clock),
            sessions=Sessions(SessionStore(db, clock), lifetime_s=settings.session_days * DAY_S),
            tokens=TokenPairs(
                RefreshStore(db, clock),
                signing,
                clock=clock,
                access_s=settings.access_token_s,
                refresh_s=settings.refresh_token_days * DAY_S,
            ),
        )

    def _purge_regularly(self, stack: AsyncExitStack, keys: KeyStore) -> None:
        async def purge() -> None:
            await keys.purge(
                attempts_ms=WINDOW_S * 1000, audit_ms=AUDIT_DAYS * DAY_S * 1000, keys_ms=2 * KEPT_MS
            )

        tasks = Tasks()
        stack.push_async_callback(tasks.aclose)
        tasks.every("auth_purge", PURGE_EVERY_S, purge, clock=self._clock)

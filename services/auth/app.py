"""The auth service's application: built from settings, connected to its database at start."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from libs.common.clock import Clock
from libs.common.graph import open_box, open_own_database, open_registry
from libs.common.ground import Ground
from libs.common.web import create_service_app
from services.auth.accounts import Accounts
from services.auth.administration import Administration
from services.auth.api_keys import ApiKeys
from services.auth.audit import Audit
from services.auth.install_tokens import InstallTokens
from services.auth.passwords import LINE, TARGET_S, Cost, Passwords
from services.auth.player_logins import PlayerLogins
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
from services.auth.store.player_logins import PlayerLoginStore
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
    build = partial(_build, settings, password_cost or Cost())
    app = create_service_app(settings.common, ENDPOINTS, build, clock=clock)
    app.on_response_prepare.append(tell_gateways)
    return app


async def _build(settings: Settings, password_cost: Cost, app: web.Application, ground: Ground) -> None:
    db, clock = await open_own_database(ground), ground.clock
    open_registry(ground)
    passwords = Passwords(password_cost, line=ground.sojourns.line(LINE, target_s=TARGET_S))
    ground.stack.callback(passwords.close)
    await passwords.start()
    box = await open_box(ground, db)
    keys = KeyStore(db, clock)
    signing = SigningKeys(keys, box)
    await signing.current()
    throttle = LoginThrottle(AttemptStore(db, clock))
    accounts, invitations = AccountStore(db, clock), InvitationStore(db, clock)
    app[DOMAIN] = Domain(
        accounts=Accounts(accounts, passwords, throttle),
        administration=Administration(AdministrationStore(db, clock), passwords),
        api_keys=ApiKeys(ApiKeyStore(db, clock)),
        audit=Audit(AuditStore(db, clock)),
        install_tokens=InstallTokens(InstallStore(db, clock), box),
        invitations=Invitations(invitations),
        keys=signing,
        player_logins=PlayerLogins(PlayerLoginStore(db, clock), box, settings.common.secret_key),
        profiles=Profiles(ProfileStore(db, clock)),
        registrations=Registrations(invitations, accounts, passwords, throttle, mode=settings.registration),
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
    _purge_regularly(ground, keys)


def _purge_regularly(ground: Ground, keys: KeyStore) -> None:
    async def purge() -> None:
        await keys.purge(attempts_ms=WINDOW_S * 1000, audit_ms=AUDIT_DAYS * DAY_S * 1000, keys_ms=2 * KEPT_MS)

    ground.tasks.every("auth_purge", PURGE_EVERY_S, purge, clock=ground.clock)

"""What the handlers ask, and how they tell gateways what to forget."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from libs.common.contracts.auth import FORGET_HEADER
from services.auth.accounts import Accounts
from services.auth.administration import Administration
from services.auth.api_keys import ApiKeys
from services.auth.audit import Audit
from services.auth.install_tokens import InstallTokens
from services.auth.player_logins import PlayerLogins
from services.auth.profiles import Profiles
from services.auth.registration import Invitations, Registrations
from services.auth.sessions import Sessions
from services.auth.signing import SigningKeys
from services.auth.store.removals import RemovalStore
from services.auth.tokens import TokenPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One for each idea."""

    accounts: Accounts
    administration: Administration
    api_keys: ApiKeys
    audit: Audit
    install_tokens: InstallTokens
    invitations: Invitations
    keys: SigningKeys
    player_logins: PlayerLogins
    profiles: Profiles
    registrations: Registrations
    removals: RemovalStore
    sessions: Sessions
    tokens: TokenPairs


DOMAIN: web.AppKey[Domain] = web.AppKey("auth_domain", Domain)
_FORGOTTEN: web.RequestKey[tuple[str, ...]] = web.RequestKey("auth_forgotten", tuple)


def forget(request: web.Request, account_id: str) -> None:
    """The answer, or the refusal, tells every gateway to ask about this account again."""
    if account_id:
        forgotten = request.get(_FORGOTTEN, ())
        if account_id not in forgotten:
            request[_FORGOTTEN] = (*forgotten, account_id)


async def tell_gateways(request: web.Request, response: web.StreamResponse) -> None:
    """On an answer being prepared, since a refusal is made where no handler is any more."""
    if forgotten := request.get(_FORGOTTEN):
        response.headers[FORGET_HEADER] = ",".join(forgotten)

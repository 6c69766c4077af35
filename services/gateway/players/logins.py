"""Who signs in with an IPTV app, and what becomes of a guess."""

from aiohttp import web

from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.abuse.watch import PLAYER_PROOF
from services.gateway.errors import UnknownPlayerLogin
from services.gateway.keys import IDENTIFY
from services.gateway.limits.edge import meet_guess, meet_installed
from services.gateway.players.addresses import Login

FOR_PLAYERS: web.RequestKey[bool] = web.RequestKey("for_players", bool)
"""Set on requests of players, which are web pages too and have to be able to read answers."""


async def signed_in(request: web.Request, login: Login) -> Identity:
    """Raises UnknownPlayerLogin, or QuotaExceeded for too many calls or guesses."""
    identity = await request.app[IDENTIFY].by_player_login(login.proof, deadline=deadline_of(request))
    if identity is None:
        request[PLAYER_PROOF] = login.proof
        await meet_guess(request)
        raise UnknownPlayerLogin("The password may have been replaced. Look up the login on this hub's page.")
    await meet_installed(request, identity, is_search=False)
    return identity

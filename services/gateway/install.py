"""What a person pastes into a player, and what has to happen when something of theirs changes."""

from urllib.parse import urlencode

from aiohttp import web

from libs.common.contracts.auth import PlayerLogin
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import base_url
from services.gateway.keys import AUTH, RESPONSE_CACHE
from services.gateway.model import FACE_PREFIX
from services.gateway.players.addresses import GUIDE, PLAYLIST
from services.gateway.schemas import PlayerAddresses, XtreamShown


async def stremio_url(request: web.Request, identity: Identity) -> str:
    """The one address to install in Stremio; its token is made on the first call."""
    token = await request.app[AUTH].install_token(identity, deadline=deadline_of(request))
    return f"{base_url(request)}{FACE_PREFIX}{token.token}/manifest.json"


async def rotate_stremio_url(request: web.Request, identity: Identity) -> str:
    """A new address; the old one stops working at once."""
    token = await request.app[AUTH].rotate_install_token(identity, deadline=deadline_of(request))
    return f"{base_url(request)}{FACE_PREFIX}{token.token}/manifest.json"


async def player_addresses(request: web.Request, identity: Identity) -> PlayerAddresses:
    """What to give to IPTV apps; the login is made on the first call."""
    login = await request.app[AUTH].player_login(identity, deadline=deadline_of(request))
    return _of_login(base_url(request), login)


async def rotate_player_login(request: web.Request, identity: Identity) -> PlayerAddresses:
    """A new password; the old one stops working at once."""
    login = await request.app[AUTH].rotate_player_login(identity, deadline=deadline_of(request))
    return _of_login(base_url(request), login)


def _of_login(base: str, login: PlayerLogin) -> PlayerAddresses:
    query = urlencode({"username": login.username, "password": login.password})
    return PlayerAddresses(
        xtream=XtreamShown(base, login.username, login.password),
        m3u_url=f"{base}{PLAYLIST}?{query}&type=m3u_plus&output=ts",
        xmltv_url=f"{base}{GUIDE}?{query}",
    )


async def account_changed(request: web.Request, identity: Identity) -> None:
    """After any change to addons or rows: what players were answered for this account no longer counts."""
    await request.app[RESPONSE_CACHE].forget_account(identity.account_id)

"""What a person pastes into a player, and what has to happen when something of theirs changes."""

from aiohttp import web

from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import base_url
from services.gateway.keys import AUTH, RESPONSE_CACHE
from services.gateway.model import FACE_PREFIX


async def stremio_url(request: web.Request, identity: Identity) -> str:
    """The one address to install in Stremio; its token is made on the first call."""
    token = await request.app[AUTH].install_token(identity, deadline=deadline_of(request))
    return f"{base_url(request)}{FACE_PREFIX}{token.token}/manifest.json"


async def rotate_stremio_url(request: web.Request, identity: Identity) -> str:
    """A new address; the old one stops working at once."""
    token = await request.app[AUTH].rotate_install_token(identity, deadline=deadline_of(request))
    return f"{base_url(request)}{FACE_PREFIX}{token.token}/manifest.json"


async def account_changed(request: web.Request, identity: Identity) -> None:
    """After any change to addons or rows: what players were answered for this account no longer counts."""
    await request.app[RESPONSE_CACHE].forget_account(identity.account_id)

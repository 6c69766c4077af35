"""What a person pastes into a player, and what has to happen when something of theirs changes."""

import structlog
from aiohttp import web

from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import base_url
from services.gateway.keys import AUTH, CATALOG, RESPONSE_CACHE
from services.gateway.model import FACE_PREFIX

log = structlog.get_logger(__name__)


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


async def welcome(request: web.Request, identity: Identity) -> None:
    """Give a new account the demo films. It has its account all the same if catalog is away."""
    try:
        await request.app[CATALOG].welcome(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        log.warning("welcome_failed", account_id=identity.account_id, code=error.code)

"""Who asks."""

from __future__ import annotations

from aiohttp import web

from libs.common.errors import Unauthenticated
from libs.common.web import identity_of
from services.streaming.viewing_model import Owner


def owner_of(request: web.Request) -> Owner:
    identity = identity_of(request)
    if identity.is_anonymous:
        raise Unauthenticated("This call has to be made for an account.")
    return Owner(identity.account_id, identity.profile_id)

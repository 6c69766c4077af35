"""Who asks, and of what."""

from __future__ import annotations

from aiohttp import web

from libs.common.errors import Unauthenticated
from libs.common.web import identity_of
from services.streaming.viewing.reading import check_id
from services.streaming.viewing_model import Owner


def owner_of(request: web.Request) -> Owner:
    identity = identity_of(request)
    if identity.is_anonymous:
        raise Unauthenticated("This call has to be made for an account.")
    return Owner(identity.account_id, identity.profile_id)


def id_of(request: web.Request, name: str = "id") -> str:
    """From the path. Raises VideoNotFound for what can be no id."""
    id_ = request.match_info[name]
    check_id(id_)
    return id_

"""Who asks."""

from __future__ import annotations

from aiohttp import web

from libs.common.web import identity_of
from services.sync.model import Owner


def owner_of(request: web.Request) -> Owner:
    identity = identity_of(request)
    return Owner(identity.account_id, identity.profile_id)

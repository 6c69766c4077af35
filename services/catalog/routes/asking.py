"""Who asks, and how long they wait."""

from __future__ import annotations

from aiohttp import web

from libs.common.deadline import Deadline
from libs.common.errors import Unauthenticated
from libs.common.web import deadline_of, identity_of
from services.catalog import keys
from services.catalog.addons import Held
from services.catalog.model import Owner


def owner_of(request: web.Request) -> Owner:
    identity = identity_of(request)
    if identity.is_anonymous:
        raise Unauthenticated("This call has to be made for an account.")
    return Owner(identity.account_id, identity.profile_id)


async def held_of(request: web.Request) -> Held:
    return await request.app[keys.REGISTRY].held(owner_of(request))


def row_deadline(request: web.Request) -> Deadline:
    return deadline_of(request).sooner(request.app[keys.SETTINGS].catalog_deadline_s)


def title_deadline(request: web.Request) -> Deadline:
    return deadline_of(request).sooner(request.app[keys.SETTINGS].meta_deadline_s)

"""The audit log: one's own entries, and all of them for administrators."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import AuditPage
from libs.common.errors import Forbidden
from libs.common.web import Endpoint, check_access, identity_of, json_response, read_query
from services.auth.routes.domain import DOMAIN
from services.auth.schemas import AuditQuery


async def list_entries(request: web.Request) -> web.Response:
    query, identity = read_query(request, AuditQuery), identity_of(request)
    if query.all:
        check_access("admin", identity)
    account_id = None if query.all else identity.account_id
    page = await request.app[DOMAIN].audit.page(account_id, limit=query.limit, cursor=query.cursor)
    return json_response(page)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/audit",
        handler=list_entries,
        summary="What your account did, newest first; what everybody did with all=true, for administrators",
        access="account",
        query=AuditQuery,
        response=AuditPage,
        errors=(Forbidden,),
    ),
)

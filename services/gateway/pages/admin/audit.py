"""The audit log of the whole hub."""

import asyncio
from typing import Final

from aiohttp import web

from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import ACCOUNTS
from services.gateway.pages.admin.names import names_of
from services.gateway.pages.pager import pager
from services.gateway.pages.render import render_page

HERE = "/admin/audit"
PAGE_SIZE: Final = 50


async def show_audit(request: web.Request, identity: Identity) -> web.Response:
    accounts, deadline = request.app[ACCOUNTS], deadline_of(request)
    cursor = request.query.get("cursor")
    page, names = await asyncio.gather(
        accounts.audit(identity, limit=PAGE_SIZE, cursor=cursor, everybody=True, deadline=deadline),
        names_of(request, identity),
    )
    context = {
        "audit": page.items,
        "names": names,
        **pager(HERE, cursor, page.next_cursor),
    }
    return render_page(request, "admin/audit.html", context)

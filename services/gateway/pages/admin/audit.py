"""The audit log of the whole hub."""

import asyncio
from typing import Final

from aiohttp import web

from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import ACCOUNTS
from services.gateway.pages.render import render_page

HERE = "/admin/audit"
PAGE_SIZE: Final = 50
NAMES: Final = 200
"""Names are put to as many accounts; beyond, an entry shows the id."""


async def show_audit(request: web.Request, identity: Identity) -> web.Response:
    accounts, deadline = request.app[ACCOUNTS], deadline_of(request)
    cursor = request.query.get("cursor")
    page, named = await asyncio.gather(
        accounts.audit(identity, limit=PAGE_SIZE, cursor=cursor, everybody=True, deadline=deadline),
        accounts.list_accounts(identity, limit=NAMES, deadline=deadline),
    )
    context = {
        "audit": page.items,
        "names": {account.id: account.username for account in named.items},
        "first": HERE if cursor else None,
        "next": f"{HERE}?cursor={page.next_cursor}" if page.next_cursor else None,
    }
    return render_page(request, "admin/audit.html", context)

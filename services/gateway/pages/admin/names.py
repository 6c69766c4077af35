"""Who an account id is."""

from typing import Final

from aiohttp import web

from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import ACCOUNTS

NAMES: Final = 200
"""Names are put to as many accounts; beyond, the id is shown."""


async def names_of(request: web.Request, identity: Identity) -> dict[str, str]:
    """Names by id; none while they can't be asked for, since what they stand beside is worth more."""
    accounts = request.app[ACCOUNTS]
    try:
        page = await accounts.list_accounts(identity, limit=NAMES, deadline=deadline_of(request))
    except HeadgateError:
        return {}
    return {account.id: account.username for account in page.items}

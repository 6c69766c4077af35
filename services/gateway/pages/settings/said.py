"""What the owner of a profile said about entries that are one title, or are not."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import TITLES
from services.gateway.pages.read import title_href
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form

HERE: Final = "/settings/rows/titles"


async def show_said(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_undo(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    type_, one, other = (form.get(name, "") for name in ("type", "one", "other"))
    try:
        await request.app[TITLES].take_back(identity, type_, one, other, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    finally:
        await account_changed(request, identity)
    return go(HERE, said="titles_undone")


async def _page(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    """The latest first."""
    choices = await request.app[TITLES].choices(identity, deadline=deadline_of(request))
    context = {
        "choices": [
            (choice, title_href(choice.type, choice.one), title_href(choice.type, choice.other))
            for choice in reversed(choices.items)
        ],
        "error": error,
    }
    return render_page(request, "settings/said.html", context, status=error.status if error else 200)

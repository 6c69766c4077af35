"""A title in several addons: asked for beside the title, and what its owner says about it."""

from __future__ import annotations

import asyncio

from aiohttp import web

from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, InvalidInput, NotFound, UpstreamTimedOut
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import CATALOG, TITLES
from services.gateway.pages.one_title import OneTitle, found_by, one_title
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.read import title_href
from services.gateway.pages.render import go
from services.gateway.pages.session import Form, read_form

MAX_QUERY_CHARS = 200


async def fetch_together(
    request: web.Request, identity: Identity, type_: str, title_id: str, query: str, *, deadline: Deadline
) -> OneTitle:
    """What a search for `query` knows about the title. Whatever goes wrong is a value."""
    query = query[:MAX_QUERY_CHARS]
    titles, catalog = request.app[TITLES], request.app[CATALOG]
    try:
        why, found = await asyncio.gather(
            titles.why(identity, query, type_, title_id, deadline=deadline),
            catalog.search(identity, query, deadline=deadline),
        )
    except UpstreamTimedOut:
        return OneTitle(query=query, late=True)
    except NotFound:
        return OneTitle(query=query, problem=f"A search for “{query}” does not find this title.")
    except HeadgateError as error:
        lacks_part()
        return OneTitle(query=query, problem=error.detail or error.title)
    return one_title(query, title_id, why, found)


async def send_choice(request: web.Request, identity: Identity) -> web.Response:
    """Says that two entries are one title, or are not, or nothing any more; and leads back to the title."""
    form = await read_form(request)
    type_, title_id = request.match_info["type"], request.match_info["id"]
    try:
        said = await _say(request, identity, type_, form.get("one") or title_id, form)
    finally:
        await account_changed(request, identity)
    return go(found_by(title_href(type_, title_id), form.get("q", "")), said=said)


async def _say(request: web.Request, identity: Identity, type_: str, one: str, form: Form) -> str:
    titles, deadline = request.app[TITLES], deadline_of(request)
    other = form.get("other", "")
    if not other:
        raise InvalidInput("Choose which of them is the same.")
    match form.get("say"):
        case "undo":
            await titles.take_back(identity, type_, one, other, deadline=deadline)
            return "titles_undone"
        case "same" | "apart" as word:
            await titles.choose(identity, type_, one, other, same=word == "same", deadline=deadline)
            return "titles_same" if word == "same" else "titles_apart"
    raise InvalidInput("Say whether they are the same.")

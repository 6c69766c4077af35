"""What is on its way to Trakt, and what Trakt would not take: sent once more, or given up."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from libs.common.contracts.connections import ConnectionsClient
from libs.common.contracts.outgoing import OutgoingClient, Undelivered
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.connections.words import TOLD
from services.gateway.pages.read import title_href
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, read_form
from services.gateway.pages.shell import SHELL
from services.gateway.pages.viewing.entries import called
from services.gateway.pages.viewing.words import part

HERE: Final = "/connections/trakt/outgoing"
_DIGITS: Final = 18
_MOST_NAMED: Final = 20
"""Titles whose names are asked for; the others are called by their ids."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`what` names it in one line."""

    sent: Undelivered
    what: str
    does: str
    href: str


async def show_outgoing(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_resend(request: web.Request, identity: Identity) -> web.Response:
    number = _number(await read_form(request))
    try:
        await _client(request).resend(identity, number, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="outgoing_resent")


async def send_drop(request: web.Request, identity: Identity) -> web.Response:
    number = _number(await read_form(request))
    try:
        await _client(request).drop(identity, number, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="outgoing_dropped")


def _client(request: web.Request) -> OutgoingClient:
    return OutgoingClient(request.app[SYNC].service)


def _number(form: Form) -> int:
    text = form.get("id", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise InvalidInput("Say which one is meant.")
    return int(text)


async def _page(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    view, trakt = await asyncio.gather(
        _client(request).view(identity, deadline=deadline_of(request)),
        ConnectionsClient(request.app[SYNC].service).trakt(identity, deadline=deadline_of(request)),
    )
    names = await _names(request, identity, view.items)
    context = {
        "outgoing": view,
        "is_connected": trakt.state == "connected",
        "letters": [_letter(one, names) for one in view.items],
        "error": error,
        "profile_name": request[SHELL].profile,
    }
    return render_page(request, "connections/outgoing.html", context, status=error.status if error else 200)


async def _names(
    request: web.Request, identity: Identity, items: Sequence[Undelivered]
) -> Mapping[tuple[str, str], str]:
    """What addons call the titles: players report ids, and no names."""
    titles = list(dict.fromkeys((_type(one), one.title_id) for one in items))[:_MOST_NAMED]
    found = await asyncio.gather(*(called(request, identity, *title) for title in titles))
    return {title: name for title, (name, _) in zip(titles, found, strict=True)}


def _letter(one: Undelivered, names: Mapping[tuple[str, str], str]) -> Letter:
    name = names.get((_type(one), one.title_id)) or one.title_id
    what = " ".join(words for words in (name, part(one.season, one.episode)) if words)
    return Letter(one, what, TOLD[one.kind], title_href(_type(one), one.title_id))


def _type(one: Undelivered) -> str:
    return "movie" if one.type == "movie" else "series"

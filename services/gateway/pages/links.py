"""A profile's own links: addresses of films and episodes that are nobody's addon."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from libs.common.contracts.links import MAX_URL_CHARS, NewLink
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import LINKS
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_form

HERE: Final = "/links"
TYPES: Final = (("movie", "Film"), ("series", "Episode"), ("channel", "Channel"), ("other", "Something else"))
FIELDS: Final = ("type", "video_id", "name")
EMPTY: Final = {"url": "", "type": "", "video_id": "", "name": ""}


async def show_links(request: web.Request, identity: Identity) -> web.Response:
    """What a link to here names is filled in already."""
    asked = {name: request.query.get(name, "")[:200] for name in FIELDS}
    return await _page(request, identity, form=asked)


async def send_link(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    typed = {name: form.get(name, "").strip() for name in (*FIELDS, "url")}
    try:
        link = as_shape(typed, NewLink)
        await request.app[LINKS].add(identity, link, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, form=typed, error=error)
    await account_changed(request, identity)
    return go(HERE, said="link_added")


async def send_removal(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await request.app[LINKS].remove(
            identity, request.match_info["link_id"], deadline=deadline_of(request)
        )
    except HeadgateError as error:
        return await _page(request, identity, form={}, removal_error=error)
    await account_changed(request, identity)
    return go(HERE, said="removed")


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    form: Form,
    error: HeadgateError | None = None,
    removal_error: HeadgateError | None = None,
) -> web.Response:
    links = (await request.app[LINKS].all(identity, deadline=deadline_of(request))).items
    failed = error or removal_error
    context = {
        "links": [(link, urlsplit(link.address).hostname or "") for link in links],
        "types": TYPES,
        "type_words": dict(TYPES),
        "form": {**EMPTY, **form},
        "error": error,
        "removal_error": removal_error,
        "max_url_chars": MAX_URL_CHARS,
    }
    return render_page(request, "links.html", context, status=failed.status if failed else 200)

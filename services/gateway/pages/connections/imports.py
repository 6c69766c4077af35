"""Files of what was watched elsewhere: brought, looked at, applied once somebody says so, taken back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from libs.common.contracts.imports import SEND_WITHIN_S, ImportItem, ImportsClient, ImportState, ImportView
from libs.common.contracts.viewing import MAX_TITLES
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import CLOCK, deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.connections.uploads import Upload
from services.gateway.pages.read import title_href
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form
from services.gateway.pages.shell import SHELL
from services.gateway.pages.viewing.words import part

HERE: Final = "/connections/imports"
LOOK_S: Final = 3
FORMATS: Final = {
    "trakt": "Export of Trakt",
    "stremio": "Stremio library",
    "imdb": "Table of IMDb",
    "letterboxd": "Table of Letterboxd",
    "csv": "Table",
}
STATES: Final[Mapping[ImportState, tuple[str, str]]] = {
    "preview": ("off", "Not applied"),
    "applying": ("slow", "Being applied"),
    "applied": ("ok", "Applied"),
    "undoing": ("slow", "Being taken back"),
    "undone": ("off", "Taken back"),
    "interrupted": ("failing", "Interrupted"),
}
PARTS: Final = {"watched": "watched", "playback": "stopped on the way", "watchlist": "to be seen"}


@dataclass(frozen=True, slots=True)
class Line:
    item: ImportItem
    name: str
    does: str
    href: str


async def show_imports(request: web.Request, identity: Identity) -> web.Response:
    return await _all(request, identity)


async def send_file(request: web.Request, identity: Identity) -> web.Response:
    """Nothing is applied yet: the answer is the page that shows what the file says."""
    try:
        upload = await Upload.begun(request)
        deadline = Deadline.after(request.app[CLOCK], SEND_WITHIN_S)
        view = await upload.told(_client(request).send(identity, upload.pieces(), deadline=deadline))
    except HeadgateError as error:
        return await _all(request, identity, error=error)
    return go(f"{HERE}/{view.id}")


async def show_import(request: web.Request, identity: Identity) -> web.Response:
    return await _one(request, identity)


async def send_state(request: web.Request, identity: Identity) -> web.Response:
    """What changes by itself while somebody looks."""
    return render_page(request, "connections/import_state.html", _told(await _found(request, identity)))


async def send_apply(request: web.Request, identity: Identity) -> web.Response:
    return await _changed(request, identity, _client(request).apply)


async def send_undo(request: web.Request, identity: Identity) -> web.Response:
    return await _changed(request, identity, _client(request).undo)


async def send_drop(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).drop(identity, request.match_info["id"], deadline=deadline_of(request))
    except HeadgateError as error:
        return await _one(request, identity, error=error)
    return go(HERE, said="import_dropped")


async def _changed(
    request: web.Request, identity: Identity, change: Callable[..., Awaitable[ImportView]]
) -> web.Response:
    await read_form(request)
    try:
        view = await change(identity, request.match_info["id"], deadline=deadline_of(request))
    except HeadgateError as error:
        return await _one(request, identity, error=error)
    return go(f"{HERE}/{view.id}")


async def _all(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    held = (await _client(request).all(identity, deadline=deadline_of(request))).items
    context = {
        "imports": [(view, FORMATS[view.format], STATES[view.state]) for view in held],
        "error": error,
        "profile_name": request[SHELL].profile,
    }
    return render_page(request, "connections/imports.html", context, status=error.status if error else 200)


async def _one(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    view = await _found(request, identity)
    context = {
        **_told(view),
        "most_titles": MAX_TITLES,
        "lines": [_line(item) for item in view.items],
        "error": error,
        "look_s": LOOK_S,
    }
    return render_page(request, "connections/import.html", context, status=error.status if error else 200)


async def _found(request: web.Request, identity: Identity) -> ImportView:
    return await _client(request).get(identity, request.match_info["id"], deadline=deadline_of(request))


def _told(view: ImportView) -> dict[str, object]:
    return {
        "view": view,
        "name": FORMATS[view.format],
        "state": STATES[view.state],
        "changes": view.state in {"applying", "undoing"},
        "here": f"{HERE}/{view.id}",
    }


def _line(item: ImportItem) -> Line:
    words = " ".join(
        words for words in (item.name or item.title_id, part(item.season, item.episode)) if words
    )
    return Line(item, words, PARTS[item.part], title_href(item.type, item.title_id))


def _client(request: web.Request) -> ImportsClient:
    return ImportsClient(request.app[SYNC].service)

"""How much is kept of what a profile watched, who told it, and how it is made anew or forgotten."""

from typing import Final

from aiohttp import web

from libs.common.contracts.viewing_upkeep import CLEAR_WORD, SourceTold, ViewingUpkeepClient
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import SERVICES
from services.gateway.pages.badges import size_words
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form
from services.gateway.pages.shell import SHELL

HERE: Final = "/settings/viewing/kept"
NAMES: Final = {"trakt": "Trakt", "stremio": "Stremio"}
KILOBYTE: Final = 1024
MEGABYTE: Final = 1024 * KILOBYTE


async def show_kept(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_clear(request: web.Request, identity: Identity) -> web.Response:
    """The word is typed, since nothing brings it back."""
    word = (await read_form(request)).get("confirm", "").strip().lower()
    try:
        if word != CLEAR_WORD:
            raise InvalidInput(fields={"confirm": f"Type {CLEAR_WORD}."})
        await _client(request).clear(identity, word, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    finally:
        await account_changed(request, identity)
    return go(HERE, said="viewing_cleared")


async def send_rebuild(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).rebuild(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="viewing_rebuilt")


async def send_optimise(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).optimise(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="viewing_optimised")


async def _page(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    kept = await _client(request).information(identity, deadline=deadline_of(request))
    context = {
        "profile_name": request[SHELL].profile,
        "is_admin": request[SHELL].is_admin,
        "figures": (
            ("Films watched", kept.watched_films),
            ("Episodes watched", kept.watched_episodes),
            ("To go on with", kept.begun),
            ("On the watchlist", kept.watchlist),
            ("Shows with their episodes", kept.lists),
            ("Not yet told elsewhere", kept.events),
        ),
        "size": _size(kept.size_bytes),
        "sources": [(_name(one), one) for one in kept.sources],
        "word": CLEAR_WORD,
        "error": error,
    }
    return render_page(request, "settings/kept.html", context, status=error.status if error else 200)


def _client(request: web.Request) -> ViewingUpkeepClient:
    return ViewingUpkeepClient(request.app[SERVICES]["streaming"])


def _name(source: SourceTold) -> str:
    return NAMES.get(source.source, "An imported file")


def _size(size_bytes: int) -> str:
    return size_words(size_bytes) if size_bytes >= MEGABYTE else f"{max(1, size_bytes // KILOBYTE)} KB"

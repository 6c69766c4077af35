"""What the caches spare everybody, what is asked for most, and letting go of what they hold."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.states import Clearing
from libs.common.web import deadline_of
from services.gateway.caches import CachesView, CacheView
from services.gateway.keys import HUB_CACHES
from services.gateway.pages.draw import BarPart, bar
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form

HERE: Final = "/admin/caches"
CACHE_WORDS: Final = {
    "callers": "Who tokens belong to",
    "responses": "Answers of this hub",
    "enriched": "Whole answers",
    "row_cuts": "Pages of merged rows",
    "addon_answers": "Rows and titles of addons",
    "streams": "Streams of addons",
    "tmdb": "TMDB",
}
MAX_NAME_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A cache with its name in words, and where its answers came from as a bar."""

    cache: CacheView
    words: str
    bar: tuple[BarPart, ...]


async def show_caches(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request)


async def send_clearing(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    wanted = Clearing(
        cache=form.get("cache", ""),
        key=form.get("key", "")[:MAX_NAME_CHARS].strip(),
        tag=form.get("tag", "")[:MAX_NAME_CHARS].strip(),
        all=form.get("all") == "yes",
    )
    if not (wanted.key or wanted.tag or wanted.all):
        return await _page(request, error=InvalidInput("Name a key or a tag, or choose all."))
    try:
        cleared = await request.app[HUB_CACHES].clear(wanted, identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, error=error)
    return go(HERE, said="cleared_in_part" if cleared.missing else "cleared")


async def _page(request: web.Request, *, error: HeadgateError | None = None) -> web.Response:
    view = await request.app[HUB_CACHES].view(deadline=deadline_of(request))
    shown = [Shown(one, CACHE_WORDS.get(one.name, _words(one.name)), _bar(one)) for one in view.items]
    context = {"view": view, "caches": shown, **_sums(view), "max_name": MAX_NAME_CHARS, "error": error}
    return render_page(request, "admin/caches.html", context, status=error.status if error else 200)


def _bar(cache: CacheView) -> tuple[BarPart, ...]:
    parts = [("From memory", cache.hits_memory), ("From Redis", cache.hits_redis), ("Old", cache.stale)]
    return bar(parts, cache.asked)


def _sums(view: CachesView) -> dict[str, int]:
    return {
        "asked": sum(one.asked for one in view.items),
        "saved": sum(one.saved for one in view.items),
        "bytes": sum(one.bytes for one in view.items),
    }


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()

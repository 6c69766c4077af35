"""Which titles films and series were found to be: what is doubtful is settled here."""

from __future__ import annotations

from typing import Final, Literal, cast, get_args
from urllib.parse import urlencode

from aiohttp import web

from libs.common.contracts.library import MatchChoice, MatchQuery, MatchState, MatchView
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import LIBRARY
from services.gateway.pages.library.cards import card_of
from services.gateway.pages.library.words import MATCH_WORDS
from services.gateway.pages.read import title_href
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_form, safe_path

HERE: Final = "/library/matching"
ON_PAGE: Final = 25


async def show_matching(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_choice(request: web.Request, identity: Identity) -> web.Response:
    """Says which title an entry is, or that it is none of them; or leaves that to Headgate again."""
    form = await read_form(request)
    item_id, change = request.match_info["item_id"], request.match_info["change"]
    library, deadline = request.app[LIBRARY], deadline_of(request)
    try:
        if change == "undo":
            await library.take_back(identity, item_id, deadline=deadline)
        else:
            await library.choose(identity, item_id, _choice(change, form), deadline=deadline)
    except HeadgateError as error:
        return await _page(request, identity, failed_id=item_id, error=error)
    finally:
        await account_changed(request, identity)
    said = {"undo": "match_undone", "none": "match_none"}.get(change, "matched")
    return go(safe_path(form.get("back") or HERE), said=said)


def _choice(change: str, form: Form) -> MatchChoice:
    imdb_id = None if change == "none" else form.get("imdb_id", "").strip()
    return as_shape({"imdb_id": imdb_id, "only_this": "only_this" in form}, MatchChoice)


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    failed_id: str = "",
    error: HeadgateError | None = None,
) -> web.Response:
    library, deadline = request.app[LIBRARY], deadline_of(request)
    asked = request.query
    state = cast("MatchState", asked["state"]) if asked.get("state") in get_args(MatchState) else "doubtful"
    kind: Literal["movies", "series"] = "series" if asked.get("kind") == "series" else "movies"
    cursor = asked.get("cursor", "")
    query = MatchQuery(state=state, kind=kind, limit=ON_PAGE, cursor=cursor)
    providers = (await library.providers(identity, deadline=deadline)).items
    found = await library.matches(identity, query, deadline=deadline)
    now = deadline.clock.now()
    here = f"{HERE}?{urlencode({'state': state, 'kind': kind})}"
    context = {
        "state": state,
        "kind": kind,
        "states": [(each, words, f"{HERE}?state={each}&kind={kind}") for each, words in MATCH_WORDS.items()],
        "kinds": [(each, words, f"{HERE}?state={state}&kind={each}") for each, words in _KINDS],
        "entries": [(view, card_of(view.item, now), _title(view)) for view in found.items],
        "providers": providers,
        "names": {provider.id: provider.name for provider in providers},
        "back": f"{here}&{urlencode({'cursor': cursor})}" if cursor else here,
        "first": here if cursor else None,
        "next": f"{here}&{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else None,
        "failed_id": failed_id,
        "error": error,
        "q": "",
    }
    return render_page(request, "library/matching.html", context, status=error.status if error else 200)


_KINDS: Final = (("movies", "Films"), ("series", "Series"))


def _title(view: MatchView) -> str:
    """Where the title is that it was found to be."""
    imdb_id = view.item.imdb_id
    return title_href("movie" if view.item.kind == "movies" else "series", imdb_id) if imdb_id else ""

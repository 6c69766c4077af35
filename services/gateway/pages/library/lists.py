"""Channels, films and series as lists with filters, and what of them is shown to nobody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web

from libs.common.contracts.library import (
    CategoryList,
    CategoryView,
    Facets,
    FacetView,
    ItemKind,
    ItemPage,
    ProviderView,
)
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import LIBRARY
from services.gateway.pages.library.cards import HERE, Card, cards_of, with_seen
from services.gateway.pages.library.filters import RATINGS, SINCE_WORDS, Wanted, chips, read_wanted, sorts
from services.gateway.pages.library.words import KIND_WORDS
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form, safe_path

KINDS: Final = "{kind:channels|movies|series}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was asked for, and what there is of it."""

    kind: ItemKind
    wanted: Wanted
    page: ItemPage
    providers: tuple[ProviderView, ...]
    categories: tuple[CategoryView, ...]
    facets: Facets


async def show_library(request: web.Request, identity: Identity) -> web.Response:
    """Leads to what there is; without any account the page says what to do."""
    providers = (await request.app[LIBRARY].providers(identity, deadline=deadline_of(request))).items
    kinds: tuple[ItemKind, ...] = ("movies", "series", "channels")
    has = (kind for kind in kinds if any(getattr(provider.totals, kind) for provider in providers))
    return go(f"{HERE}/{next(has, 'movies')}")


async def show_list(request: web.Request, identity: Identity) -> web.Response:
    kind = cast("ItemKind", request.match_info["kind"])
    wanted, cursor = read_wanted(request.query), request.query.get("cursor", "")
    library, deadline = request.app[LIBRARY], deadline_of(request)
    query, account = wanted.query(kind, cursor, deadline.clock.now()), wanted.values.get("account", "")
    providers = (await library.providers(identity, deadline=deadline)).items
    page, categories, facets = ItemPage(items=()), CategoryList(()), Facets()
    if providers:
        page, categories, facets = await asyncio.gather(
            library.lists(identity, kind, query, deadline=deadline),
            library.categories(identity, kind=kind, account=account, deadline=deadline),
            library.facets(identity, kind=kind, account=account, deadline=deadline),
        )
    shelf = Shelf(kind, wanted, page, providers, categories.items, facets)
    cards = await with_seen(request, identity, cards_of(page.items, deadline.clock.now()))
    return render_page(request, "library/list.html", _context(request, shelf, cards))


async def send_favourite(request: web.Request, identity: Identity) -> web.Response:
    """Answers with the page that the button stands on."""
    form = await read_form(request)
    part = request.match_info
    is_favourite = part["change"] == "add"
    await request.app[LIBRARY].favour(
        identity, part["item_id"], is_favourite=is_favourite, deadline=deadline_of(request)
    )
    await account_changed(request, identity)
    return go(safe_path(form.get("back") or HERE), said="favoured" if is_favourite else "unfavoured")


def _context(request: web.Request, shelf: Shelf, cards: list[Card]) -> dict[str, object]:
    kind, wanted, page = shelf.kind, shelf.wanted, shelf.page
    here = f"{HERE}/{kind}"
    after = page.next_cursor
    return {
        "kind": kind,
        "kind_word": KIND_WORDS[kind],
        "here": here,
        "back": request.path_qs,
        "wanted": wanted,
        "chips": chips(wanted, here, shelf.providers, shelf.categories),
        "categories": shelf.categories,
        "hidden": sum(category.is_hidden for category in shelf.categories),
        "sorts": sorts(kind),
        "ratings": [(rating, f"★ {rating} and better") for rating in RATINGS],
        "since": list(SINCE_WORDS.items()),
        "genres": _options(shelf.facets.genres, wanted.values.get("genre", "")),
        "languages": _options(shelf.facets.languages, wanted.values.get("language", "")),
        "cards": cards,
        "total": page.total,
        "providers": shelf.providers,
        "outdated": [provider for provider in shelf.providers if provider.is_outdated],
        "is_synced": any(provider.synced_at for provider in shelf.providers),
        "first": wanted.address(here) if request.query.get("cursor") else None,
        "next": wanted.address(here, cursor=after) if after else None,
        "q": "",
    }


def _options(facets: tuple[FacetView, ...], chosen: str) -> list[tuple[str, str]]:
    """Names and words of a choice; what an address names besides stays among them."""
    options = [("", "All"), *((facet.name, f"{facet.name} ({facet.items:,})") for facet in facets)]
    known = not chosen or chosen in {name for name, _ in options}
    return options if known else [*options, (chosen, chosen)]

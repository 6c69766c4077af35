"""One row in full, and search across all. Filters and place stand in the address, so a page can be shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from aiohttp import web

from libs.common.contracts.catalog import CatalogPage
from libs.common.contracts.rows import RowView
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import CATALOG
from services.gateway.pages.home import type_word
from services.gateway.pages.model import Card
from services.gateway.pages.one_title import also_in, found_by
from services.gateway.pages.read import read_cards
from services.gateway.pages.render import render_page
from services.gateway.pages.rows import CARDS, browse_href
from services.gateway.pages.viewing.seen import seen_lists
from services.gateway.pages.words import problem_words

PLACES = frozenset({"cursor", "said", "skip"})
"""Members of the query that say where a reader is; all others are filters the addon declared."""


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    label: str
    required: bool
    options: tuple[str, ...]
    value: str


async def show_browse(request: web.Request, identity: Identity) -> web.Response:
    """One page of a row. A missing required filter is asked for instead of being an error."""
    type_, row_id = request.match_info["type"], request.match_info["catalog_id"]
    catalog, deadline = request.app[CATALOG], deadline_of(request)
    chosen = [(name, value) for name, value in request.query.items() if name not in PLACES and value]
    cursor = request.query.get("cursor")
    listed = (await catalog.rows(identity, deadline=deadline)).items
    row = next((row for row in listed if (row.type, row.id) == (type_, row_id)), None)
    if row is not None and _lacks(row, chosen):
        return render_page(request, "browse.html", _context(row, chosen, None, cursor))
    page = await catalog.catalog_page(
        identity, type_, row_id, deadline=deadline, cursor=cursor, extras=chosen
    )
    context = _context(page.row, chosen, page, cursor)
    (cards,) = await seen_lists(request, identity, [read_cards(page.items, page.row.type)])
    return render_page(request, "browse.html", {**context, "cards": cards})


async def show_search(request: web.Request, identity: Identity) -> web.Response:
    wanted = request.query.get("q", "").strip()
    if not wanted:
        return render_page(request, "search.html", {"query": "", "groups": [], "problems": []})
    found = await request.app[CATALOG].search(identity, wanted, deadline=deadline_of(request))
    also = also_in(found.together)
    filled = [read_cards(group.items[:CARDS], group.row.type) for group in found.groups]
    seen = await seen_lists(request, identity, filled)
    groups = [
        {
            "name": group.row.name,
            "type": type_word(group.row.type),
            "addon_name": group.row.addon_name,
            "href": f"{browse_href(group.row.type, group.row.id)}?{urlencode({'search': wanted})}",
            "cards": [_found_card(card, also, wanted) for card in cards],
        }
        for group, cards in zip(found.groups, seen, strict=True)
        if cards
    ]
    problems = [problem_words(problem) for problem in found.problems]
    return render_page(request, "search.html", {"query": wanted, "groups": groups, "problems": problems})


def _found_card(card: Card, also: Mapping[str, str], query: str) -> Card:
    """It leads to the title with the search, which can tell there where else the title is."""
    return replace(card, also=also.get(card.href, ""), href=found_by(card.href, query))


def _context(
    row: RowView, chosen: Sequence[tuple[str, str]], page: CatalogPage | None, cursor: str | None
) -> dict[str, object]:
    here = browse_href(row.type, row.id)
    after = page.next_cursor if page is not None else None
    return {
        "row": row,
        "type": row.type,
        "type_word": type_word(row.type),
        "here": here,
        "filters": _filters(row, dict(chosen)),
        "chosen": chosen,
        "asks_first": page is None,
        "cards": (),
        "problems": [problem_words(problem) for problem in page.problems] if page is not None else [],
        "first": _address(here, chosen) if cursor else None,
        "next": _address(here, [*chosen, ("cursor", after)]) if after else None,
    }


def _filters(row: RowView, values: dict[str, str]) -> list[Filter]:
    return [
        Filter(
            extra.name,
            extra.name.replace("_", " ").capitalize(),
            extra.required,
            extra.options,
            values.get(extra.name, ""),
        )
        for extra in row.extras
        if extra.name not in PLACES
    ]


def _lacks(row: RowView, chosen: Sequence[tuple[str, str]]) -> bool:
    names = {name for name, _ in chosen}
    return any(extra.required and extra.name not in names for extra in row.extras)


def _address(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path

"""Rows of posters: asked for together, shown as far as they are there in time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from aiohttp import web

from libs.common.contracts.catalog import CatalogClient, CatalogPage
from libs.common.contracts.rows import RowView
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, UpstreamTimedOut
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import CATALOG
from services.gateway.pages.model import Row, RowStatus
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.read import read_cards
from services.gateway.pages.render import render_page
from services.gateway.pages.viewing.seen import seen_rows
from services.gateway.pages.words import problem_words

CARDS: Final = 16
"""In a row: two screens' worth on a television; the rest is behind "See all"."""
ROWS_AT_ONCE: Final = 3
"""Rows sent with the page, which keeps it under 100 kB; the page asks for the others when it is shown."""
PAGE_WAIT_S: Final = 1.2
"""How long a page waits for a row before it is sent without it."""


async def fetch_rows(
    catalog: CatalogClient, identity: Identity, rows: Sequence[RowView], *, deadline: Deadline
) -> list[Row]:
    """One call a row, all at once. A row that fails or is late is a value, so it spoils no other."""
    soon = deadline.sooner(PAGE_WAIT_S)
    asked = [fetch_row(catalog, identity, row, deadline=soon) for row in rows[:ROWS_AT_ONCE]]
    ready = await asyncio.gather(*asked)
    return [*ready, *(late_row(row) for row in rows[ROWS_AT_ONCE:])]


async def fetch_row(catalog: CatalogClient, identity: Identity, row: RowView, *, deadline: Deadline) -> Row:
    try:
        page = await catalog.catalog_page(identity, row.type, row.id, deadline=deadline)
    except UpstreamTimedOut:
        return late_row(row)
    except HeadgateError as error:
        lacks_part()
        return _row(row, "failed", problem=error.detail or error.title)
    return filled_row(page, row)


def filled_row(page: CatalogPage, row: RowView) -> Row:
    cards = read_cards(page.items[:CARDS], row.type)
    problem = " ".join(problem_words(problem) for problem in page.problems)
    if not cards:
        return _row(row, "failed" if problem else "empty", problem=problem)
    return replace(_row(row, "ready", problem), shape=cards[0].shape, cards=cards)


def late_row(row: RowView) -> Row:
    return _row(row, "late")


async def send_row(request: web.Request, identity: Identity) -> web.Response:
    """One row as a fragment, for the place its skeleton holds; here there is time to wait."""
    type_, row_id = request.match_info["type"], request.match_info["catalog_id"]
    catalog = request.app[CATALOG]
    page = await catalog.catalog_page(identity, type_, row_id, deadline=deadline_of(request))
    (row,) = await seen_rows(request, identity, [filled_row(page, page.row)])
    return render_page(request, "parts/row_fragment.html", {"row": row})


def board(rows: Sequence[RowView], type_: str = "") -> list[RowView]:
    """The rows that stand on a home page, of one type if one is asked for."""
    return [row for row in rows if row.on_board and type_ in ("", row.type)]


def browse_href(type_: str, row_id: str) -> str:
    return f"/browse/{quote(type_, safe='')}/{quote(row_id, safe='')}"


def fragment_href(type_: str, row_id: str) -> str:
    return f"/rows/{quote(type_, safe='')}/{quote(row_id, safe='')}"


def row_key(type_: str, row_id: str) -> str:
    """An element's id, which must hold no space."""
    return "-".join(f"row {type_} {row_id}".split())


def _row(row: RowView, status: RowStatus, problem: str = "") -> Row:
    return Row(
        key=row_key(row.type, row.id),
        name=row.name,
        addon_name=row.addon_name,
        href=browse_href(row.type, row.id),
        fragment=fragment_href(row.type, row.id),
        status=status,
        problem=problem,
    )

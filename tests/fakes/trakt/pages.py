"""Lists in pages: a limit too large is cut without a word, and the headers say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from aiohttp import web

T = TypeVar("T")

USUAL_LIMIT, LONG_LIMIT = 10, 100
"""Of a question without one; watched and watchlist have the longer."""
MOST, MOST_PROGRESS = 250, 100


def extended(request: web.Request) -> frozenset[str]:
    return frozenset(request.query.get("extended", "").split(","))


def paged(
    request: web.Request,
    items: Sequence[T],
    shown: Callable[[T], Any],
    *,
    usual: int = USUAL_LIMIT,
    most: int = MOST,
) -> web.Response:
    """Only what is on the page is made into JSON."""
    page = max(1, _number(request.query.get("page"), 1))
    limit = max(1, min(most, _number(request.query.get("limit"), usual)))
    first = (page - 1) * limit
    return web.json_response(
        [shown(item) for item in items[first : first + limit]],
        headers={
            "X-Pagination-Page": str(page),
            "X-Pagination-Limit": str(limit),
            "X-Pagination-Page-Count": str(-(-len(items) // limit)),
            "X-Pagination-Item-Count": str(len(items)),
        },
    )


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() else otherwise

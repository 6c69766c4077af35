"""How the answers that a page is made of came about. The worst of them is how the page did."""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Final

from aiohttp import web

from libs.common.web import Handler
from services.gateway.answer_counts import kind_of
from services.gateway.keys import ANSWERED

_parts: ContextVar[list[str] | None] = ContextVar("page_parts", default=None)
"""Of the page being made, also by the tasks that ask for several parts at once."""
_WORST_LAST: Final = ("hit", "miss", "bypass", "stale", "partial")


async def hear(headers: Mapping[str, str]) -> None:
    """A service's answer: a part, if it is a page that has asked."""
    kind = kind_of(headers)
    if kind:
        _add(kind)


def lacks_part() -> None:
    """The page being made goes out without a part that it could not get."""
    _add("partial")


def counted(handler: Handler) -> Handler:
    """Count each page, or piece of one, that `handler` makes. What asks no addon counts if it fails."""

    @wraps(handler)
    async def page(request: web.Request) -> web.StreamResponse:
        parts: list[str] = []
        token = _parts.set(parts)
        try:
            response = await handler(request)
        finally:
            _parts.reset(token)
        if response.status >= 500:
            request.app[ANSWERED].count("page", "error")
        elif parts:
            request.app[ANSWERED].count("page", max(parts, key=_WORST_LAST.index))
        return response

    return page


def _add(kind: str) -> None:
    parts = _parts.get()
    if parts is not None:
        parts.append(kind)

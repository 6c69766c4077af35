"""Buttons of one thing in a list; the name of each stands in its form's address."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, TypeVar

from aiohttp import web

from libs.common.errors import NotFound
from libs.common.identity import Identity
from services.gateway.pages.session import Form

T = TypeVar("T")

Button: TypeAlias = Callable[[web.Request, Identity, T, Form], Awaitable[str]]
"""Takes what names the thing, and returns the name of the message to show."""


def button_of(request: web.Request, buttons: Mapping[str, Button[T]]) -> Button[T]:
    """Raises NotFound."""
    button = buttons.get(request.match_info["change"])
    if button is None:
        raise NotFound("There is no such action.")
    return button

"""Which categories are shown to players, and which are hidden."""

from __future__ import annotations

from typing import Final, cast

from aiohttp import web

from libs.common.contracts.library import CategoryView, ItemKind
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import LIBRARY
from services.gateway.pages.library.words import KIND_WORDS
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_choices, read_form

HERE: Final = "/library/categories"
MAX_AT_ONCE: Final = 200
"""Categories changed by one form: each is a call, and the page waits for all."""


async def show_first(_request: web.Request, _identity: Identity) -> web.Response:
    return go(f"{HERE}/channels")


async def show_categories(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_categories(request: web.Request, identity: Identity) -> web.Response:
    """Shows or hides what is ticked, or the one whose button was pressed."""
    form = await read_form(request)
    kind, is_hidden = _kind(request), request.match_info["change"] == "hide"
    chosen = {form["one"]} if form.get("one") else read_choices(request, "category")
    try:
        if not 0 < len(chosen) <= MAX_AT_ONCE:
            raise InvalidInput(f"Tick the categories first, {MAX_AT_ONCE} at most.")
        for category_id in sorted(chosen):
            await request.app[LIBRARY].hide(
                identity, category_id, is_hidden=is_hidden, deadline=deadline_of(request)
            )
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    finally:
        await account_changed(request, identity)
    return go(f"{HERE}/{kind}", said="categories_hidden" if is_hidden else "categories_shown")


def _kind(request: web.Request) -> ItemKind:
    return cast("ItemKind", request.match_info["kind"])


async def _page(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    kind, library, deadline = _kind(request), request.app[LIBRARY], deadline_of(request)
    providers = (await library.providers(identity, deadline=deadline)).items
    listed = (await library.categories(identity, kind=kind, deadline=deadline)).items if providers else ()
    context = {
        "kind": kind,
        "kinds": list(KIND_WORDS.items()),
        "kind_word": KIND_WORDS[kind],
        "here": f"{HERE}/{kind}",
        "groups": _groups(listed, {provider.id: provider.name for provider in providers}),
        "providers": providers,
        "error": error,
        "q": "",
    }
    return render_page(request, "library/categories.html", context, status=error.status if error else 200)


def _groups(
    listed: tuple[CategoryView, ...], names: dict[str, str]
) -> list[tuple[str, str, list[CategoryView]]]:
    """By account, in the accounts' order."""
    return [
        (account_id, name, own)
        for account_id, name in names.items()
        if (own := [category for category in listed if category.account_id == account_id])
    ]

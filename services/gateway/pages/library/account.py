"""One account at a provider: how it is, its syncs, what the last one changed, and every way to change it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Final, TypeAlias

from aiohttp import web

from libs.common.contracts.library import (
    ChangeList,
    ItemKind,
    M3uAccountPatch,
    ProviderView,
    XtreamAccountPatch,
)
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import LIBRARY
from services.gateway.pages.buttons import Button, button_of
from services.gateway.pages.draw import tone_of
from services.gateway.pages.library import runs, schedule
from services.gateway.pages.library.cards import item_href
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_form

ALL: Final = "/accounts"
PLAY_WORDS: Final = (
    ("proxy", "Through this hub"),
    ("redirect", "Straight from the provider"),
)
CHANGE_WORDS: Final = {"added": "New", "changed": "Changed", "removed": "Gone"}
MOST_TOLD: Final = 200
"""Of each kind and sort of change."""

Group: TypeAlias = tuple[str, str, list[tuple[str, ItemKind, str]]]
"""What happened, to how many, and name, kind and address of each."""


async def show_account(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_parts(request: web.Request, identity: Identity) -> web.Response:
    """The part about syncs alone, for the page that follows one."""
    return await _page(request, identity, template="library/sync_parts.html")


async def send_change(request: web.Request, identity: Identity) -> web.Response:
    """One button of the account."""
    form = await read_form(request)
    button = button_of(request, BUTTONS)
    provider = await _provider(request, identity)
    try:
        said = await button(request, identity, provider, form)
    except HeadgateError as error:
        return await _page(request, identity, form=form, error=error, error_at=request.match_info["change"])
    finally:
        await account_changed(request, identity)
    return go(ALL if said == "account_removed" else f"{ALL}/{provider.id}", said=said)


async def _check(request: web.Request, identity: Identity, provider: ProviderView, _form: Form) -> str:
    found = await request.app[LIBRARY].check(identity, provider, deadline=deadline_of(request))
    return "account_works" if found.status == "active" else "account_checked"


async def _edit(request: web.Request, identity: Identity, provider: ProviderView, form: Form) -> str:
    """Fields of credentials left empty stay as they are: they are never shown."""
    typed = {name: form.get(name, "").strip() for name in ("url", "username")}
    changes: dict[str, object] = {name: value for name, value in typed.items() if value}
    if form.get("password"):
        changes["password"] = form["password"]
    if provider.kind == "m3u":
        changes = {name: value for name, value in changes.items() if name == "url"}
        optional = {name: form.get(name, "").strip() for name in ("guide_url", "user_agent")}
        changes |= {name: value for name, value in optional.items() if value}
        changes |= {name: "" for name in optional if f"no_{name}" in form}
    if form.get("name", "").strip() not in ("", provider.name):
        changes["name"] = form["name"].strip()
    if form.get("play", provider.play) != provider.play:
        changes["play"] = form["play"]
    patch: XtreamAccountPatch | M3uAccountPatch = (
        as_shape(changes, XtreamAccountPatch)
        if provider.kind == "xtream"
        else as_shape(changes, M3uAccountPatch)
    )
    await request.app[LIBRARY].patch(identity, provider.id, patch, deadline=deadline_of(request))
    return "account_saved"


async def _clear(request: web.Request, identity: Identity, provider: ProviderView, form: Form) -> str:
    confirm = form.get("confirm", "").strip()
    await request.app[LIBRARY].clear(identity, provider, confirm, deadline=deadline_of(request))
    return "library_cleared"


async def _remove(request: web.Request, identity: Identity, provider: ProviderView, _form: Form) -> str:
    await request.app[LIBRARY].remove(identity, provider, deadline=deadline_of(request))
    return "account_removed"


BUTTONS: Mapping[str, Button[ProviderView]] = {
    "check": _check,
    "edit": _edit,
    "clear": _clear,
    "remove": _remove,
    "sync": partial(runs.start, mode="incremental"),
    "rebuild": partial(runs.start, mode="full"),
    "cancel": runs.cancel,
    "settings": schedule.save_settings,
    "defaults": schedule.restore_defaults,
    "skip": schedule.skip_first,
}


async def _provider(request: web.Request, identity: Identity) -> ProviderView:
    """Raises NotFound, for another profile's account too."""
    listed = await request.app[LIBRARY].providers(identity, deadline=deadline_of(request))
    wanted = request.match_info["provider_id"]
    found = next((provider for provider in listed.items if provider.id == wanted), None)
    if found is None:
        raise NotFound("This account is not there, or no longer.")
    return found


async def _changes(request: web.Request, identity: Identity, provider: ProviderView) -> ChangeList:
    try:
        return await request.app[LIBRARY].changes(identity, provider.id, deadline=deadline_of(request))
    except HeadgateError:
        lacks_part()
        return ChangeList(items=())


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    template: str = "library/account.html",
    form: Form | None = None,
    error: HeadgateError | None = None,
    error_at: str = "",
) -> web.Response:
    provider = await _provider(request, identity)
    history, details, settings, changes = await asyncio.gather(
        runs.history(request, identity, provider),
        runs.details_of(request, identity, provider),
        schedule.settings_of(request, identity, provider),
        _changes(request, identity, provider),
    )
    context = {
        "provider": provider,
        "tone": tone_of(provider.name),
        "run": next(iter(history), None),
        "history": history,
        "details": details,
        "settings": settings,
        "every_words": schedule.EVERY_WORDS,
        "changes": _grouped(changes),
        "play_words": PLAY_WORDS,
        "form": form or {},
        "error": error,
        "error_at": error_at,
    }
    return render_page(request, template, context, status=error.status if error else 200)


def _grouped(changes: ChangeList) -> list[Group]:
    """By what happened. Of each kind only the first are told: then how many there are is not known here."""
    groups: list[Group] = []
    for what, words in CHANGE_WORDS.items():
        found = [change for change in changes.items if change.what == what]
        kinds = Counter(change.kind for change in found)
        number = f"{len(found):,}{' and more' if max(kinds.values(), default=0) >= MOST_TOLD else ''}"
        items = [
            (change.name, change.kind, item_href(change.kind, change.id) if change.id else "")
            for change in found
        ]
        if items:
            groups.append((words, number, items))
    return groups

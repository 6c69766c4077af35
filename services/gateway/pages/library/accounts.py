"""All accounts at providers: their state at a glance, and the two ways to add one."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, Literal, TypeAlias

from aiohttp import web

from libs.common.contracts.library import NewM3uAccount, NewXtreamAccount, ProviderView
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import LIBRARY
from services.gateway.pages.draw import tone_of
from services.gateway.pages.library.runs import latest_runs, start
from services.gateway.pages.library.schedule import refuse_automatic
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, read_form
from services.gateway.pages.shell import SHELL

HERE: Final = "/accounts"
Added: TypeAlias = Literal["xtream", "m3u"]

FIRST_WORDS: Final = (
    ("now", "Start it at once"),
    ("later", "Later: I start it when it suits me"),
    ("skip", "Not at all, until I ask for it"),
)
"""What may be done about the first sync of a new account."""
KEPT: Final = ("url", "name", "username", "guide_url", "user_agent", "first")
"""What a refused form shows again; a password is typed anew."""


async def show_accounts(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_parts(request: web.Request, identity: Identity) -> web.Response:
    """The list alone, for the page that asks again while something runs."""
    return await _page(request, identity, template="library/accounts_parts.html")


async def send_xtream(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    url = form.get("url", "").strip()
    new = NewXtreamAccount(
        url=url,
        name=form.get("name", "").strip(),
        username=form.get("username", "").strip(),
        password=form.get("password", ""),
        sync=_first(form) == "now",
    )
    return await _add(request, identity, "xtream", new, form)


async def send_m3u(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    new = NewM3uAccount(
        url=form.get("url", "").strip(),
        name=form.get("name", "").strip(),
        guide_url=form.get("guide_url", "").strip(),
        user_agent=form.get("user_agent", "").strip(),
        sync=_first(form) == "now",
    )
    return await _add(request, identity, "m3u", new, form)


async def send_vacuum(request: web.Request, identity: Identity) -> web.Response:
    """For administrators: the database gives back the room of what is gone."""
    await read_form(request)
    try:
        await request.app[LIBRARY].vacuum(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="library_tidied")


def _first(form: Form) -> str:
    chosen = form.get("first", "now")
    if chosen not in {word for word, _ in FIRST_WORDS}:
        raise InvalidInput("Choose one of the choices in the list.")
    return chosen


async def _add(
    request: web.Request,
    identity: Identity,
    kind: Added,
    new: NewXtreamAccount | NewM3uAccount,
    form: Form,
) -> web.Response:
    """A refused account comes back in its form, with what is wrong beside the field it concerns."""
    library, deadline = request.app[LIBRARY], deadline_of(request)
    if not new.url:
        missing = InvalidInput(fields={"url": "Paste the address that your provider gave you."})
        return await _page(request, identity, adding=kind, form=form, error=missing)
    try:
        added = await library.add(identity, new, deadline=deadline)
    except HeadgateError as error:
        return await _page(request, identity, adding=kind, form=form, error=error)
    finally:
        await account_changed(request, identity)
    if _first(form) == "skip":
        with suppress(HeadgateError):  # without sync nothing begins either, and its page offers this again
            await refuse_automatic(request, identity, added.id)
    begun = new.sync and await _begun(request, identity, added)
    return go(f"{HERE}/{added.id}", said="account_added" if begun else "account_added_later")


async def _begun(request: web.Request, identity: Identity, added: ProviderView) -> bool:
    """The schedule would begin it some seconds later, and does where sync is away for the moment."""
    try:
        await start(request, identity, added, {}, mode="incremental")
    except HeadgateError:
        return False
    return True


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    template: str = "library/accounts.html",
    adding: Added | Literal[""] = "",
    form: Form | None = None,
    error: HeadgateError | None = None,
) -> web.Response:
    library, deadline = request.app[LIBRARY], deadline_of(request)
    providers = (await library.providers(identity, deadline=deadline)).items
    runs = await latest_runs(request, identity, providers)
    context = {
        "listed": [(provider, runs.get(provider.id), tone_of(provider.name)) for provider in providers],
        "is_busy": any(run.is_under_way for run in runs.values()),
        "stats": await library.stats(identity, deadline=deadline) if providers else None,
        "first_words": FIRST_WORDS,
        "adding": adding,
        "form": {name: (form or {}).get(name, "") for name in KEPT},
        "error": error,
        "wrong": _wrong(error),
        "is_admin": request[SHELL].is_admin,
    }
    return render_page(request, template, context, status=error.status if error else 200)


def _wrong(error: HeadgateError | None) -> dict[str, str]:
    """What is wrong by field; what concerns no field that the form has stands below the address."""
    if error is None:
        return {}
    own = ("url", "name", "username", "password", "guide_url", "user_agent")
    fields = {name: text for name, text in error.fields.items() if name in own}
    return fields or {"url": error.detail or error.title}

"""What a profile's rows show of what it has watched."""

from typing import Final

from aiohttp import web

from libs.common.contracts.catalog import AddonView
from libs.common.contracts.rows import OWN_VIEWING
from libs.common.contracts.viewing_settings import ViewingSettings, ViewingSettingsClient
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import CATALOG
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_choices, read_form
from services.gateway.pages.shell import SHELL

HERE: Final = "/settings/viewing"
HIDE: Final = (
    (
        "hide_watched",
        "Leave out what was watched",
        "Films watched to their end, and series of which every episode was. Searches still find them.",
    ),
)
MARKS: Final = (
    ("description", "Descriptions", "“▶ 43 %” or “✓ Watched” before the text."),
    ("release_info", "Years", "The same after the year, which many players show beside the poster."),
)


async def show_viewing(request: web.Request, identity: Identity) -> web.Response:
    present = await ViewingSettingsClient(request.app[CATALOG].service).get(
        identity, deadline=deadline_of(request)
    )
    chosen = frozenset(name for name, _, _ in (*HIDE, *MARKS) if getattr(present, name))
    return await _page(request, identity, chosen)


async def send_viewing(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    chosen = read_choices(request, "what")
    wanted = ViewingSettings(**{name: name in chosen for name, _, _ in (*HIDE, *MARKS)})
    client = ViewingSettingsClient(request.app[CATALOG].service)
    try:
        await client.put(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, chosen, error=error)
    finally:
        await account_changed(request, identity)
    return go(HERE, said="viewing_saved")


async def send_rows(request: web.Request, identity: Identity) -> web.Response:
    """Have what is gone on with and the watchlist as rows of players, or no longer."""
    form = await read_form(request)
    catalog, deadline = request.app[CATALOG], deadline_of(request)
    try:
        there = await _own_rows(request, identity)
        if "shown" in form and there is None:
            await catalog.add_addon(identity, OWN_VIEWING, deadline=deadline)
        elif "shown" not in form and there is not None:
            await catalog.remove_addon(identity, there.id, deadline=deadline)
    except HeadgateError as error:
        return await _page(request, identity, frozenset(), error=error)
    finally:
        await account_changed(request, identity)
    return go(HERE, said="viewing_saved")


async def _own_rows(request: web.Request, identity: Identity) -> AddonView | None:
    listed = await request.app[CATALOG].addons(identity, deadline=deadline_of(request))
    return next((addon for addon in listed.items if addon.address == OWN_VIEWING), None)


async def _page(
    request: web.Request,
    identity: Identity,
    chosen: frozenset[str],
    *,
    error: HeadgateError | None = None,
) -> web.Response:
    context = {
        "profile_name": request[SHELL].profile,
        "hide": HIDE,
        "marks": MARKS,
        "chosen": chosen,
        "has_rows": await _own_rows(request, identity) is not None,
        "error": error,
    }
    return render_page(request, "settings/viewing.html", context, status=error.status if error else 200)

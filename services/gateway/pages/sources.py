"""The owner's addons: their state at a glance, and every way to change them."""

from collections.abc import Mapping
from functools import partial

from aiohttp import web

from libs.common.contracts.catalog import AddonPatch
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import CATALOG
from services.gateway.pages.buttons import Button, button_of
from services.gateway.pages.draw import tone_of
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, read_form
from services.gateway.pages.settings.shown_rows import squeezed
from services.gateway.pages.source_health import hours_of

HERE = "/sources"


async def show_sources(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_addon(request: web.Request, identity: Identity) -> web.Response:
    """Add by address. A refused address comes back in its field, with what is wrong beside it."""
    form = await read_form(request)
    url = form.get("url", "").strip()
    try:
        await request.app[CATALOG].add_addon(identity, url, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, url=url, error=error)
    await account_changed(request, identity)
    return go(HERE, said="added")


async def send_change(request: web.Request, identity: Identity) -> web.Response:
    """One button of one addon."""
    form = await read_form(request)
    button = button_of(request, BUTTONS)
    addon_id = request.match_info["addon_id"]
    try:
        said = await button(request, identity, addon_id, form)
    except HeadgateError as error:
        await account_changed(request, identity)
        return await _page(request, identity, failed_id=addon_id, error=error)
    await account_changed(request, identity)
    return go(HERE, said=said)


async def _move(request: web.Request, identity: Identity, addon_id: str, _form: Form, *, step: int) -> str:
    catalog, deadline = request.app[CATALOG], deadline_of(request)
    ids = [addon.id for addon in (await catalog.addons(identity, deadline=deadline)).items]
    if addon_id not in ids:
        raise NotFound("This addon is no longer there.")
    place = ids.index(addon_id)
    other = min(max(place + step, 0), len(ids) - 1)
    ids[place], ids[other] = ids[other], ids[place]
    await catalog.order_addons(identity, ids, deadline=deadline)
    return "moved"


async def _rename(request: web.Request, identity: Identity, addon_id: str, form: Form) -> str:
    patch = AddonPatch(name=form.get("name", "").strip())
    await request.app[CATALOG].change_addon(identity, addon_id, patch, deadline=deadline_of(request))
    return "renamed"


async def _switch(
    request: web.Request, identity: Identity, addon_id: str, _form: Form, *, enabled: bool
) -> str:
    patch = AddonPatch(enabled=enabled)
    await request.app[CATALOG].change_addon(identity, addon_id, patch, deadline=deadline_of(request))
    return "enabled" if enabled else "disabled"


async def _pin(request: web.Request, identity: Identity, addon_id: str, _form: Form, *, pinned: bool) -> str:
    patch = AddonPatch(pinned=pinned)
    await request.app[CATALOG].change_addon(identity, addon_id, patch, deadline=deadline_of(request))
    return "pinned" if pinned else "unpinned"


async def _refresh(request: web.Request, identity: Identity, addon_id: str, _form: Form) -> str:
    await request.app[CATALOG].refresh_addon(identity, addon_id, deadline=deadline_of(request))
    return "refreshed"


async def _remove(request: web.Request, identity: Identity, addon_id: str, _form: Form) -> str:
    await request.app[CATALOG].remove_addon(identity, addon_id, deadline=deadline_of(request))
    return "removed"


BUTTONS: Mapping[str, Button[str]] = {
    "up": partial(_move, step=-1),
    "down": partial(_move, step=1),
    "rename": _rename,
    "enable": partial(_switch, enabled=True),
    "disable": partial(_switch, enabled=False),
    "pin": partial(_pin, pinned=True),
    "unpin": partial(_pin, pinned=False),
    "refresh": _refresh,
    "remove": _remove,
}


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    url: str = "",
    failed_id: str = "",
    error: HeadgateError | None = None,
) -> web.Response:
    catalog, deadline = request.app[CATALOG], deadline_of(request)
    addons = (await catalog.addons(identity, deadline=deadline)).items
    report = await catalog.manifest_report(identity, deadline=deadline)
    now = deadline_of(request).clock.now()
    context = {
        "addons": addons,
        "trends": {addon.id: hours_of(addon.trend, now) for addon in addons if addon.trend},
        "tones": {addon.id: tone_of(addon.manifest_name) for addon in addons},
        "failed_id": failed_id,
        "report": report,
        "shown": sum(row.state in ("shown", "choices_dropped") for row in report.rows),
        "squeezed": squeezed(report),
        "url": url,
        "error": error,
    }
    return render_page(request, "sources.html", context, status=error.status if error else 200)

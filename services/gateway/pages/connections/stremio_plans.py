"""Changes to the addons of a Stremio account: what each would do, in words; made once somebody says so."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import web

from libs.common.contracts.stremio_account import NewPlan, PlanView
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import base_url
from services.gateway.install import account_changed
from services.gateway.pages.connections.stremio import HERE, LOOK_S, client, page
from services.gateway.pages.connections.stremio_words import ACTIONS, CHANGES, DID, STATES
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import as_shape, read_form

PLANS: Final = f"{HERE}/plans"
BACKUPS: Final = f"{HERE}/backups"
LATELY: Final = timedelta(minutes=10)
"""For how long after its end a change may not have reached what players are answered."""


async def send_plan(request: web.Request, identity: Identity) -> web.Response:
    """Nothing is changed yet: the answer is the page that shows what would be."""
    form = await read_form(request)
    try:
        new = as_shape(
            {"action": form.get("action", ""), "backup_id": form.get("backup_id") or None}, NewPlan
        )
        plan = await client(request).plan(identity, new, base_url(request), deadline=deadline_of(request))
    except HeadgateError as error:
        return await page(request, identity, error=error)
    return go(f"{PLANS}/{plan.id}")


async def show_plan(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_plan_state(request: web.Request, identity: Identity) -> web.Response:
    """What changes by itself while somebody looks. Once it has ended its lines are others, too."""
    plan = await _found(request, identity)
    if plan.state != "applying":
        return web.Response(status=HTTPStatus.RESET_CONTENT)
    return render_page(request, "connections/stremio_plan_state.html", _told(plan))


async def send_apply(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        plan = await client(request).apply(identity, request.match_info["id"], deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(f"{PLANS}/{plan.id}")


async def show_backups(request: web.Request, identity: Identity) -> web.Response:
    backups = (await client(request).backups(identity, deadline=deadline_of(request))).items
    context = {"backups": [(backup, DID[backup.action]) for backup in backups]}
    return render_page(request, "connections/stremio_backups.html", context)


async def _page(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    plan = await _found(request, identity)
    groups = [
        (name, word, [line for line in plan.lines if line.change == change]) for change, name, word in CHANGES
    ]
    context = {
        **_told(plan),
        "error": error,
        "groups": [group for group in groups if group[2]],
        "look_s": LOOK_S,
    }
    return render_page(
        request, "connections/stremio_plan.html", context, status=error.status if error else 200
    )


async def _found(request: web.Request, identity: Identity) -> PlanView:
    """A change that has just ended is behind what players are answered from now on."""
    within = deadline_of(request)
    plan = await client(request).shown_plan(identity, request.match_info["id"], deadline=within)
    if plan.ended_at is not None and within.clock.now() - plan.ended_at < LATELY:
        await account_changed(request, identity)
    return plan


def _told(plan: PlanView) -> Mapping[str, object]:
    name, about = ACTIONS[plan.action]
    return {
        "plan": plan,
        "name": name,
        "about": about,
        "state": STATES[plan.state],
        "changes": plan.state == "applying",
        "may_apply": plan.state in {"planned", "interrupted"},
    }

"""How every part is doing, what the limits let in, and where all of it can be had as one file."""

from aiohttp import web

from libs.common.identity import Identity
from libs.common.states import HubState
from libs.common.web import deadline_of
from services.gateway.diagnostics import Diagnostics
from services.gateway.keys import DIAGNOSIS, HUB_STATE
from services.gateway.pages.admin.names import names_of
from services.gateway.pages.admin.summary import limits_of, refusals_of, summary_of
from services.gateway.pages.render import go, render_page

HERE = "/admin/health"
LIMITS = "/admin/limits"
DIAGNOSTICS = "/admin/diagnostics"
WELL = ("active", "unknown", "off")
SLOW_SHOWN = 20
EVENTS_SHOWN = 30
OF_SUPERVISORS = ("HEADGATE_LISTEN_FD",)
"""Set for each process by what starts it, differently for each."""


async def show_admin(_request: web.Request, _identity: Identity) -> web.Response:
    return go(HERE)


async def show_health(request: web.Request, identity: Identity) -> web.Response:
    return await _health(request, "admin/health.html")


async def send_parts(request: web.Request, identity: Identity) -> web.Response:
    """The changing part of the page, which asks for it again and again."""
    return await _health(request, "admin/health_parts.html")


async def show_limits(request: web.Request, identity: Identity) -> web.Response:
    state = await _state(request)
    missing = [one for one in state.missing if one.service == "gateway"]
    refusals = refusals_of(state.processes)
    context = {
        "limits": limits_of(state.processes),
        "refusals": refusals,
        "names": await names_of(request, identity) if any(one.account_id for one in refusals) else {},
        "missing": missing,
    }
    return render_page(request, "admin/limits.html", context)


async def show_diagnostics(request: web.Request, identity: Identity) -> web.Response:
    made = await request.app[DIAGNOSIS].make(deadline=deadline_of(request))
    slow = [(one, told) for one in made.services for told in one.statements if told.slow]
    context = {
        "made": made,
        "troubled": [one for one in made.sources.addons if one.state not in WELL] if made.sources else (),
        "slow": slow[:SLOW_SHOWN],
        "events": [(told, _whose(made, told.instance)) for told in made.events[:EVENTS_SHOWN]],
        "changed": [one for one in made.settings if not one.is_default and one.name not in OF_SUPERVISORS],
    }
    return render_page(request, "admin/diagnostics.html", context)


def _whose(made: Diagnostics, instance: str) -> str:
    """The services of a process, unless there is one process alone."""
    if len({one.instance for one in made.services}) < 2:
        return ""
    return ", ".join(one.service for one in made.services if one.instance == instance).capitalize()


async def _health(request: web.Request, template: str) -> web.Response:
    state = await _state(request)
    return render_page(request, template, {"state": state, "summary": summary_of(state)})


async def _state(request: web.Request) -> HubState:
    return await request.app[HUB_STATE].gather(deadline=deadline_of(request))

"""How one addon has been answering: its score and the reason, what it is asked, two days and a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from libs.common.contracts.addon_health import HealthPoint
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import CATALOG
from services.gateway.pages.draw import COLUMN_STEP, Column, columns, tone_of
from services.gateway.pages.render import render_page
from services.gateway.pages.words import plural

HOURS: Final = 48
DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture and what it says."""

    columns: tuple[Column, ...]
    width: int
    words: str


async def show_health(request: web.Request, identity: Identity) -> web.Response:
    catalog, deadline = request.app[CATALOG], deadline_of(request)
    addon_id = request.match_info["addon_id"]
    addons = (await catalog.addons(identity, deadline=deadline)).items
    addon = next((each for each in addons if each.id == addon_id), None)
    if addon is None:
        raise NotFound("This addon is no longer there.")
    told = await catalog.addon_health(identity, addon_id, deadline=deadline)
    now = deadline.clock.now()
    context = {
        "addon": addon,
        "tone": tone_of(addon.manifest_name),
        "told": told,
        "hours": hours_of(told.hours, now) if told.hours else None,
        "days": days_of(told.days, now) if told.days else None,
    }
    return render_page(request, "source_health.html", context)


def hours_of(points: Sequence[HealthPoint], now: datetime) -> Drawn:
    """The last two days, the hour that is under way last."""
    last = now.replace(minute=0, second=0, microsecond=0)
    return _drawn(points, [last - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)], "2 days")


def days_of(points: Sequence[HealthPoint], now: datetime) -> Drawn:
    """The last thirty days, today last."""
    last = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return _drawn(points, [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)], "30 days")


def _drawn(points: Sequence[HealthPoint], starts: Sequence[datetime], over: str) -> Drawn:
    by_start = {point.start: point for point in points}
    shown = [by_start.get(start) for start in starts]
    calls = sum(point.calls for point in shown if point is not None)
    failures = sum(point.failures for point in shown if point is not None)
    return Drawn(
        columns([None if point is None else 1 - point.failures / point.calls for point in shown]),
        len(starts) * COLUMN_STEP - 1,
        f"{plural(calls, 'call')} in {over}, {failures:,} failed",
    )

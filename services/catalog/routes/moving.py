"""What belongs to an account, for whoever takes it along or brings it."""

from __future__ import annotations

from aiohttp import web

from libs.common.moving_endpoints import moving_endpoints
from services.catalog import keys
from services.catalog.moving_in import Intake


def taking_in(app: web.Application, account_id: str, look: bool) -> Intake:
    return Intake(app[keys.MOVING_IN], account_id, look=look)


ENDPOINTS = moving_endpoints("catalog", telling=keys.MOVING, taking_in=taking_in)

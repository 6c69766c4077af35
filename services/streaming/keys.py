"""What handlers find in the application."""

from __future__ import annotations

from aiohttp import web

from services.streaming.aggregate import Aggregate

AGGREGATE: web.AppKey[Aggregate] = web.AppKey("AGGREGATE", Aggregate)

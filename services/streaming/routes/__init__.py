"""The addresses of the streaming service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.streaming.routes import media, sources

ENDPOINTS: tuple[Endpoint, ...] = (*sources.ENDPOINTS, *media.ENDPOINTS)

"""The addresses of the streaming service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.streaming.routes import links, media, preferences, progress, sources, viewing

ENDPOINTS: tuple[Endpoint, ...] = (
    *sources.ENDPOINTS,
    *links.ENDPOINTS,
    *media.ENDPOINTS,
    *preferences.ENDPOINTS,
    *progress.ENDPOINTS,
    *viewing.ENDPOINTS,
)

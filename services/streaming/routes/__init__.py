"""The addresses of the streaming service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.streaming.routes import (
    embeds,
    hls,
    links,
    media,
    moving,
    playback,
    preferences,
    progress,
    sessions,
    sources,
    subtitles,
    told,
    upkeep,
    viewing,
    viewing_internal,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *sources.ENDPOINTS,
    *embeds.ENDPOINTS,
    *links.ENDPOINTS,
    *media.ENDPOINTS,
    *moving.ENDPOINTS,
    *hls.ENDPOINTS,
    *playback.ENDPOINTS,
    *subtitles.ENDPOINTS,
    *preferences.ENDPOINTS,
    *progress.ENDPOINTS,
    *sessions.ENDPOINTS,
    *viewing.ENDPOINTS,
    *viewing_internal.ENDPOINTS,
    *told.ENDPOINTS,
    *upkeep.ENDPOINTS,
)

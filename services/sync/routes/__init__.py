"""The addresses of the sync service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.sync.routes import (
    account_settings,
    connections,
    imdb,
    imports,
    jobs,
    moving,
    outgoing,
    standing,
    stremio,
    trakt_titles,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *jobs.ENDPOINTS,
    *account_settings.ENDPOINTS,
    *imdb.ENDPOINTS,
    *connections.ENDPOINTS,
    *imports.ENDPOINTS,
    *moving.ENDPOINTS,
    *outgoing.ENDPOINTS,
    *stremio.ENDPOINTS,
    *trakt_titles.ENDPOINTS,
    *standing.ENDPOINTS,
)

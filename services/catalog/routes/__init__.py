"""The addresses of the catalog service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.catalog.routes import (
    addons,
    catalogs,
    imdb,
    internal,
    library,
    moving,
    names,
    rating_settings,
    ratings,
    rows,
    search,
    stremio,
    titles,
    tmdb,
    viewing_settings,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *addons.ENDPOINTS,
    *catalogs.ENDPOINTS,
    *imdb.ENDPOINTS,
    *internal.ENDPOINTS,
    *library.ENDPOINTS,
    *moving.ENDPOINTS,
    *names.ENDPOINTS,
    *rating_settings.ENDPOINTS,
    *ratings.ENDPOINTS,
    *rows.ENDPOINTS,
    *search.ENDPOINTS,
    *stremio.ENDPOINTS,
    *titles.ENDPOINTS,
    *tmdb.ENDPOINTS,
    *viewing_settings.ENDPOINTS,
)

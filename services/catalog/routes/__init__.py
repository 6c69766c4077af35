"""The addresses of the catalog service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.catalog.routes import addons, catalogs, imdb, internal, ratings, search, stremio, titles

ENDPOINTS: tuple[Endpoint, ...] = (
    *addons.ENDPOINTS,
    *catalogs.ENDPOINTS,
    *imdb.ENDPOINTS,
    *internal.ENDPOINTS,
    *ratings.ENDPOINTS,
    *search.ENDPOINTS,
    *stremio.ENDPOINTS,
    *titles.ENDPOINTS,
)

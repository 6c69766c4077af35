"""The addresses of the catalog service."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.catalog.routes import addons, catalogs, internal, stremio

ENDPOINTS: tuple[Endpoint, ...] = (
    *addons.ENDPOINTS,
    *catalogs.ENDPOINTS,
    *internal.ENDPOINTS,
    *stremio.ENDPOINTS,
)

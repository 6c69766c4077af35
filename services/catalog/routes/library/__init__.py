"""The addresses of the library."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.catalog.routes.library import (
    addon,
    browsing,
    choices,
    handover,
    matches,
    playable,
    players,
    provider_calls,
    providers,
    upkeep,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *addon.ENDPOINTS,
    *browsing.ENDPOINTS,
    *choices.ENDPOINTS,
    *handover.ENDPOINTS,
    *matches.ENDPOINTS,
    *playable.ENDPOINTS,
    *players.ENDPOINTS,
    *provider_calls.ENDPOINTS,
    *providers.ENDPOINTS,
    *upkeep.ENDPOINTS,
)

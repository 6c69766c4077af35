"""What the library takes, opened at start; the stack closes it again."""

from __future__ import annotations

from aiohttp import web

from libs.common.db import Database
from libs.common.ground import Ground
from libs.common.ratelimit import Engine
from libs.common.secrets import SecretBox
from services.catalog import keys
from services.catalog.library.details import Details
from services.catalog.library.providers import Providers
from services.catalog.settings import Settings
from services.catalog.store.library.providers import ProviderStore


async def open_library(
    app: web.Application,
    ground: Ground,
    settings: Settings,
    *,
    database: Database,
    box: SecretBox,
    rates: Engine,
) -> None:
    """Puts the library's collaborators where handlers find them."""
    providers = ProviderStore(database)
    app[keys.PROVIDERS] = Providers(providers)
    app[keys.DETAILS] = Details()

"""What sync's features have in common: its database, its box, and the services it asks."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.handover import HandoverClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_handover import ViewingHandoverClient
from libs.common.db import Database
from libs.common.graph import open_box, open_own_database, open_registry, open_service
from libs.common.ground import Ground
from libs.common.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class Reach:
    database: Database
    box: SecretBox
    auth: AuthClient
    catalog: CatalogClient
    streaming: ServiceClient
    viewing: ViewingClient
    handing: ViewingHandoverClient
    handover: HandoverClient


async def open_reach(ground: Ground) -> Reach:
    database = await open_own_database(ground)
    registry = open_registry(ground)
    auth = AuthClient(await open_service(ground, "auth", registry=registry))
    catalog = CatalogClient(await open_service(ground, "catalog", registry=registry))
    streaming = await open_service(ground, "streaming", registry=registry)
    return Reach(
        database=database,
        box=await open_box(ground, database),
        auth=auth,
        catalog=catalog,
        streaming=streaming,
        viewing=ViewingClient(streaming),
        handing=ViewingHandoverClient(streaming),
        handover=HandoverClient(catalog.service),
    )

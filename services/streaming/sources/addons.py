"""Every addon: those out there over HTTP, the built-in ones through the service that has them."""

from __future__ import annotations

from libs.addons.addon import BUILTIN_SCHEME, LIBRARY
from libs.common.contracts.catalog import CatalogClient
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.http import UpstreamStatus
from libs.protocols.stremio.answers import AddonAnswer, parse_answer
from libs.protocols.stremio.client import StremioClient
from libs.protocols.stremio.paths import ResourcePath, encode_resource_path


class Addons:
    def __init__(self, client: StremioClient, catalog: CatalogClient) -> None:
        self._client = client
        self._catalog = catalog

    async def resource(self, transport_url: str, path: ResourcePath, *, deadline: Deadline) -> AddonAnswer:
        if not transport_url.startswith(BUILTIN_SCHEME):
            return await self._client.resource(transport_url, path, deadline=deadline)
        tail = encode_resource_path(path)
        try:
            if transport_url.startswith(LIBRARY):
                owner = transport_url.removeprefix(LIBRARY)
                body = await self._catalog.library_resource(owner, tail, deadline=deadline)
            else:
                body = await self._catalog.demo_resource(tail, deadline=deadline)
        except NotFound as error:
            raise UpstreamStatus(404, host="The built-in addon") from error
        return parse_answer(path.resource, body, {})

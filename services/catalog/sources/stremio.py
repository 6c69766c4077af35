"""Every addon, each asked where it is."""

from __future__ import annotations

from collections.abc import Mapping

from libs.common.deadline import Deadline
from libs.protocols.stremio.answers import AddonAnswer, CacheBounds
from libs.protocols.stremio.client import StremioClient
from libs.protocols.stremio.manifest import Manifest
from libs.protocols.stremio.paths import ResourcePath
from services.catalog.sources.base import Source


class Addons:
    """Built-in ones by the first of `builtin` that their address begins with, all others by HTTP."""

    def __init__(self, client: StremioClient, builtin: Mapping[str, Source]) -> None:
        self._client = client
        self._builtin = builtin

    async def manifest(
        self, transport_url: str, *, deadline: Deadline
    ) -> tuple[Manifest, bytes, CacheBounds]:
        return await self._for(transport_url).manifest(transport_url, deadline=deadline)

    async def resource(self, transport_url: str, path: ResourcePath, *, deadline: Deadline) -> AddonAnswer:
        return await self._for(transport_url).resource(transport_url, path, deadline=deadline)

    def _for(self, transport_url: str) -> Source:
        own = (source for begins, source in self._builtin.items() if transport_url.startswith(begins))
        return next(own, self._client)

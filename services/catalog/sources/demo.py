"""The built-in demo addon, answering as any addon does but without a network."""

from __future__ import annotations

from libs.common.deadline import Deadline
from libs.common.http import UpstreamStatus
from libs.protocols.stremio.answers import AddonAnswer, CacheBounds, parse_answer
from libs.protocols.stremio.manifest import Manifest, parse_manifest
from libs.protocols.stremio.paths import ResourcePath
from services.catalog.demo import DemoAddon


class DemoSource:
    """The demo, whatever the address."""

    def __init__(self, demo: DemoAddon) -> None:
        self._demo = demo

    async def manifest(
        self, transport_url: str, *, deadline: Deadline
    ) -> tuple[Manifest, bytes, CacheBounds]:
        body = self._demo.manifest_bytes()
        return parse_manifest(body), body, CacheBounds()

    async def resource(self, transport_url: str, path: ResourcePath, *, deadline: Deadline) -> AddonAnswer:
        body = self._demo.answer(path)
        if body is None:
            raise UpstreamStatus(404, host="The demo addon")
        return parse_answer(path.resource, body, {})

"""What every place that answers for an addon can do."""

from __future__ import annotations

from typing import Protocol

from libs.addons import addon
from libs.common.deadline import Deadline
from libs.protocols.stremio.answers import CacheBounds
from libs.protocols.stremio.manifest import Manifest


class Source(addon.Source, Protocol):
    """Also tells the manifest. Raises FetchError, ManifestError or AnswerError."""

    async def manifest(
        self, transport_url: str, *, deadline: Deadline
    ) -> tuple[Manifest, bytes, CacheBounds]: ...

"""Asking a Stremio addon: its manifest and its resources."""

from __future__ import annotations

from libs.common import hops
from libs.common.deadline import Deadline
from libs.common.http import BlockedAddress, Fetched, Fetcher, FetchLimits, UpstreamStatus
from libs.protocols.stremio.answers import AddonAnswer, CacheBounds, parse_answer, read_cache_bounds
from libs.protocols.stremio.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from libs.protocols.stremio.paths import ResourcePath, resource_url
from libs.protocols.stremio.reading import strict

_HEADERS = {"Accept": "application/json"}
_OK = 200
_LOOP = 508


class StremioClient:
    """A tolerant client without a memory: no retry, no cache, no breaker.

    `hop_name` is what this hub calls itself towards addons, one of which may be a hub that asks us.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        timeout_s: float = 20.0,
        max_bytes: int = 10 * 1024 * 1024,
        hop_name: str = "",
    ) -> None:
        self._fetcher = fetcher
        self._hop_name = hop_name
        self._answer_limits = FetchLimits(max_bytes=max_bytes, total_s=timeout_s)
        self._manifest_limits = FetchLimits(max_bytes=MAX_MANIFEST_BYTES, total_s=timeout_s)

    async def manifest(
        self, transport_url: str, *, deadline: Deadline | None = None
    ) -> tuple[Manifest, bytes, CacheBounds]:
        """The manifest, the bytes it was read from as strict JSON, and how long it holds.

        Raises FetchError (UpstreamStatus for any status but 200) or ManifestError.
        """
        fetched = await self._get(transport_url, self._manifest_limits, deadline)
        return parse_manifest(fetched.body), strict(fetched.body), read_cache_bounds({}, fetched.headers)

    async def resource(
        self, transport_url: str, path: ResourcePath, *, deadline: Deadline | None = None
    ) -> AddonAnswer:
        """Raises FetchError (UpstreamStatus for any status but 200) or AnswerError."""
        fetched = await self._get(resource_url(transport_url, path), self._answer_limits, deadline)
        return parse_answer(path.resource, fetched.body, fetched.headers)

    async def _get(self, url: str, limits: FetchLimits, deadline: Deadline | None) -> Fetched:
        headers = {**_HEADERS, **hops.outgoing(self._hop_name)}
        fetched = await self._fetcher.get(url, limits=limits, headers=headers, deadline=deadline)
        # The body is looked at too, since some hosters say 508 when a limit of theirs is reached.
        if fetched.status == _LOOP and hops.LOOP_CODE.encode() in fetched.body:
            raise BlockedAddress(f"{fetched.host} is where this question came from: it would go in circles.")
        if fetched.status != _OK:
            raise UpstreamStatus(fetched.status, fetched.retry_after_s, host=fetched.host or "The addon")
        return fetched

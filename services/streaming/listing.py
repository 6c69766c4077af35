"""The addons of the account that asks, with their manifests read."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import structlog

from libs.addons.addon import AddressHash
from libs.addons.resting import Resting
from libs.common.clock import Clock
from libs.common.contracts.catalog import AddonSource, AddonSources
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.resilience import LastKnown
from libs.common.secrets import SecretKey
from libs.protocols.stremio.errors import ManifestError
from libs.protocols.stremio.manifest import Manifest, parse_manifest
from services.streaming.model import Addon

log = structlog.get_logger(__name__)

MANIFESTS_REMEMBERED = 256
"""Parsing one costs about 50 µs and an answer needs all of an account's; most accounts share them."""


class AddonDirectory(Protocol):
    """Who knows an account's addons: catalog, over the wire."""

    async def addon_sources(self, identity: Identity, *, deadline: Deadline) -> AddonSources: ...


class Listing:
    """Asks anew each time, so that an addon removed is an addon not asked; for a while as last known where
    catalog is away, since addons and what they answered are still there."""

    def __init__(self, directory: AddonDirectory, key: SecretKey, resting: Resting, *, clock: Clock) -> None:
        self._directory = directory
        self._resting = resting
        self._known: LastKnown[tuple[str, str], tuple[Addon, ...]] = LastKnown("catalog", clock=clock)
        self._address_hash = AddressHash(key)
        self._read = lru_cache(maxsize=MANIFESTS_REMEMBERED)(parse_manifest)

    async def of(self, identity: Identity, *, deadline: Deadline) -> tuple[Addon, ...]:
        """Enabled addons in their owner's order. Raises HeadgateError when catalog can't say."""
        owner = (identity.account_id, identity.profile_id)
        return await self._known.get(owner, lambda: self._ask(identity, deadline))

    async def _ask(self, identity: Identity, deadline: Deadline) -> tuple[Addon, ...]:
        sources = await self._directory.addon_sources(identity, deadline=deadline)
        return tuple(addon for source in sources.items if (addon := self._addon(source)) is not None)

    def _addon(self, source: AddonSource) -> Addon | None:
        manifest = self._manifest(source)
        if manifest is None:
            return None
        _hear(self._resting, source)
        address_hash = self._address_hash(source.transport_url)
        return Addon(
            source.id, source.name, address_hash, manifest, source.transport_url, health=source.health
        )

    def _manifest(self, source: AddonSource) -> Manifest | None:
        try:
            return self._read(bytes(source.manifest))
        except ManifestError as error:
            # Catalog keeps only what it could read, so this is a difference between versions.
            log.warning("stored_manifest_unreadable", addon_id=source.id, reason=error.reason)
            return None


def _hear(resting: Resting, source: AddonSource) -> None:
    health = source.health
    resting.heard_of(
        source.id,
        health.resting,
        until=None if health.asked_again_at is None else health.asked_again_at.timestamp(),
        returned_at=None if health.returned_at is None else health.returned_at.timestamp(),
    )

"""The hub's own providers, asked as addons are: each through its breaker, what they find read like theirs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from libs.addons.addon import BUILTIN_SCHEME
from libs.addons.answers import Kept
from libs.addons.freshness import Freshness
from libs.addons.items import read_items
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.resilience import Upstreams
from libs.protocols.stremio.manifest import Manifest, Resource
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.model import Addon
from services.streaming.providers.base import Provider, Video

ADDONS: Final = "addons"
"""What stands in an order of providers for all addons of whoever asks, in their owner's order."""
STREAM: Final = "stream"


@dataclass(frozen=True, slots=True)
class Asked:
    """A provider that may know a video: as an addon, and what asks it."""

    addon: Addon
    ask: Callable[[Deadline], Coroutine[Any, Any, Kept]]


class OwnProviders:
    """`order` names groups of them and ADDONS, first what is to be tried first; a provider's group is its id
    up to a colon. What isn't named is not asked."""

    def __init__(self, providers: Iterable[Provider], order: Sequence[str], upstreams: Upstreams) -> None:
        groups = {name: place for place, name in enumerate(order)}
        asked = [provider for provider in providers if _group(provider) in groups]
        asked.sort(key=lambda provider: groups[_group(provider)])
        told = [(as_addon(provider), provider) for provider in asked]
        before = sum(groups[_group(provider)] < groups[ADDONS] for provider in asked)
        self._before, self._after = told[:before], told[before:]
        self._upstreams = upstreams

    def asked(self, identity: Identity, path: ResourcePath) -> tuple[list[Asked], list[Asked]]:
        """Those before all addons, and those behind."""
        if path.resource != STREAM:
            return [], []
        return self._that_take(self._before, identity, path), self._that_take(self._after, identity, path)

    def _that_take(
        self, providers: Sequence[tuple[Addon, Provider]], identity: Identity, path: ResourcePath
    ) -> list[Asked]:
        video = Video(path.type, path.id)
        return [
            Asked(addon, partial(self._ask, provider, identity, video))
            for addon, provider in providers
            if addon.manifest.supports(STREAM, path.type, path.id)
        ]

    async def _ask(self, provider: Provider, identity: Identity, video: Video, deadline: Deadline) -> Kept:
        async def asked(until: Deadline) -> Kept:
            found = await provider.streams(identity, video, deadline=until)
            raws = [msgspec.json.encode(stream) for stream in found.streams]
            return Kept("streams", read_items(STREAM, raws), None, Freshness(found.fresh_s, 0, 0), "hit")

        return await self._upstreams.get(provider.id).call(asked, deadline=deadline)


def as_addon(provider: Provider) -> Addon:
    declared = provider.capabilities
    streams = Resource(STREAM, declared.types, declared.ids or None)
    manifest = Manifest(
        id=provider.id, name=provider.name, version="1.0.0", types=declared.types, resources=(streams,)
    )
    address = f"{BUILTIN_SCHEME}{provider.id}"
    return Addon(provider.id, provider.name, provider.id, manifest, address, is_own=True)


def _group(provider: Provider) -> str:
    return provider.id.partition(":")[0]

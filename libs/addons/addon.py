"""An addon as whoever asks it sees it: what it is, how its address is named, and how it is reached."""

from __future__ import annotations

import hashlib
import hmac
from typing import Protocol
from urllib.parse import urlsplit

from libs.common.contracts.rows import OWN_ROWS, OWN_VIEWING
from libs.common.deadline import Deadline
from libs.common.secrets import SecretKey
from libs.protocols.stremio.answers import AddonAnswer
from libs.protocols.stremio.manifest import Manifest
from libs.protocols.stremio.paths import ResourcePath

BUILTIN_SCHEME = "headgate:"
"""Of addresses the hub answers for itself; none of them is ever asked over the network."""

LIBRARY = BUILTIN_SCHEME + "library/"
"""Of the library of an owner, who stands behind it: account and profile. Nobody can add such an address; it
stands in its owner's list from their first account at a provider on."""
OWN_LIBRARY = LIBRARY.rstrip("/")
"""Of whoever says so."""

VIEWING = OWN_VIEWING + "/"
"""Of what an owner goes on with and means to see, as `LIBRARY`; it stands in the list of who has added it."""
CONTINUE, WATCHLIST = OWN_ROWS

OWN = {OWN_LIBRARY: LIBRARY, OWN_VIEWING: VIEWING}
"""What somebody adds of their own, and what addresses of it begin with."""

BARE_PATH = "/manifest.json"
"""Of an address that holds no configuration."""


class Addon(Protocol):
    """An addon of somebody's list. `transport_hash` names its address without giving it away."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def transport_url(self) -> str: ...

    @property
    def transport_hash(self) -> str: ...

    @property
    def manifest(self) -> Manifest: ...


def is_personal(addon: Addon) -> bool:
    """Whether the address is somebody's own: what they configured stands in it, and may be who they are."""
    hints = addon.manifest.hints
    split = urlsplit(addon.transport_url)
    configured = split.path != BARE_PATH or bool(split.query)
    return configured and (hints.configurable or hints.configuration_required)


class Source(Protocol):
    """A place that answers for addons: out there over HTTP, or inside the hub."""

    async def resource(self, transport_url: str, path: ResourcePath, *, deadline: Deadline) -> AddonAnswer:
        """Raises one of `failures.EXPECTED`."""
        ...


class AddressHash:
    """Keyed, since an address holds secrets that a plain hash would let somebody try out."""

    def __init__(self, key: SecretKey) -> None:
        self._key = key.derive("addon-address")

    def __call__(self, transport_url: str) -> str:
        return hmac.new(self._key, transport_url.encode(), hashlib.sha256).hexdigest()

"""What one owner has, ready to work with: manifests read, addresses opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.contracts.ratings import RatingSettings
from libs.common.contracts.viewing_settings import ViewingSettings
from libs.protocols.stremio.manifest import Manifest
from services.catalog.identity.choices import Choices
from services.catalog.metadata.model import Tmdb
from services.catalog.model import AddonRow, Arrangement, Owner


@dataclass(frozen=True, slots=True)
class Listed:
    """An addon of somebody's list. `transport_url` is a secret and never printed.

    It is empty where what is stored can't be opened. Such an addon is shown and never asked.
    """

    row: AddonRow
    manifest: Manifest
    transport_url: str = field(repr=False)

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def key(self) -> str:
        return self.row.key

    @property
    def transport_hash(self) -> str:
        return self.row.transport_hash

    @property
    def locked(self) -> bool:
        """Its address was sealed with another key, or is damaged."""
        return not self.transport_url

    @property
    def name(self) -> str:
        """The name its owner gave it, else its own."""
        return self.row.name or self.manifest.name


@dataclass(frozen=True, slots=True)
class Listing:
    """The addons in their owner's order, with all that was chosen beside them, as of `revision`."""

    owner: Owner
    revision: int
    addons: tuple[Listed, ...]
    arrangement: Arrangement
    titles: Choices
    ratings: RatingSettings
    tmdb: Tmdb
    viewing: ViewingSettings

    @property
    def enabled(self) -> tuple[Listed, ...]:
        """Those that are asked."""
        return tuple(addon for addon in self.addons if addon.row.enabled and not addon.locked)

    def by_id(self, addon_id: str) -> Listed | None:
        return next((addon for addon in self.addons if addon.id == addon_id), None)

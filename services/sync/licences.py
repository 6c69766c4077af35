"""What has to be agreed to before a source is used, and whether somebody has."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock, epoch_ms
from services.sync.errors import LicenceNotAccepted
from services.sync.store.licences import Acceptance, LicenceStore


@dataclass(frozen=True, slots=True)
class Licence:
    """`attribution` has to stand wherever the data is shown."""

    name: str
    notice: str
    attribution: str
    terms_url: str


IMDB = Licence(
    name="imdb",
    notice=(
        "IMDb gives its data sets away for personal and non-commercial use alone: this hub may keep a copy "
        "for its own users, and neither sell it, nor publish it again, nor build another database for others "
        "from it. Headgate ships none of the data; it fetches it from IMDb once you have agreed, and every "
        "day from then on."
    ),
    attribution="Information courtesy of IMDb (https://www.imdb.com). Used with permission.",
    terms_url="https://developer.imdb.com/non-commercial-datasets/",
)


class Licences:
    """Which licences are accepted."""

    def __init__(self, store: LicenceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def acceptance(self, licence: Licence) -> Acceptance | None:
        return await self._store.acceptance(licence.name)

    async def require(self, licence: Licence) -> None:
        """Raises LicenceNotAccepted."""
        if await self._store.acceptance(licence.name) is None:
            raise LicenceNotAccepted("Its licence has to be read and accepted first, by an administrator.")

    async def accept(self, licence: Licence, account_id: str) -> None:
        """A second time changes nothing."""
        await self._store.accept(licence.name, account_id, at=epoch_ms(self._clock))

    async def withdraw(self, licence: Licence) -> None:
        """Nothing is fetched any more; what was fetched stays until it is removed."""
        await self._store.withdraw(licence.name)

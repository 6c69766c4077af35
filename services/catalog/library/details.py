"""What a provider tells of one film or series, asked for when somebody wants to know."""

from __future__ import annotations

from libs.common.deadline import Deadline
from services.catalog.library_model import Detailed
from services.catalog.model import Owner


class Details:
    """Details as they are held; the provider is asked first where they are missing or old."""

    async def of_series(self, owner: Owner, item: int, *, deadline: Deadline) -> Detailed:
        """Of the series of that number. Raises ItemNotFound; a provider that is away is a `problem`."""
        return Detailed()

    async def of_movie(self, owner: Owner, item: int, *, deadline: Deadline) -> Detailed:
        """The same of a film."""
        return Detailed()

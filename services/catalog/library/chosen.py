"""Favourites and hidden categories of a profile."""

from __future__ import annotations

from libs.common.clock import Clock
from services.catalog.errors import ItemNotFound
from services.catalog.library_model import number_of
from services.catalog.model import Owner
from services.catalog.store.library.choices import Choice, ChoiceStore


class LibraryChoices:
    """Puts down what a profile chooses."""

    def __init__(self, store: ChoiceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def put(self, owner: Owner, choice: Choice, public: str) -> None:
        """Raises ItemNotFound for what none of the owner's accounts has."""
        number, at = number_of(public), int(self._clock.now().timestamp() * 1000)
        if number is None or not await self._store.put(owner, choice, number, at=at):
            raise ItemNotFound

    async def take_back(self, owner: Owner, choice: Choice, public: str) -> None:
        """What wasn't chosen, isn't afterwards either."""
        number = number_of(public)
        if number is not None:
            await self._store.take_back(owner, choice, number)

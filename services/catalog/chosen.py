"""An owner's word on which entries are the same title. It counts before ids and names, for that profile."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock, epoch_ms
from libs.common.errors import InvalidInput
from services.catalog.errors import OneEntry
from services.catalog.identity.choices import Chosen
from services.catalog.model import Owner
from services.catalog.store.title_choices import TitleChoiceStore

MOST: Final = 1000
MAX_CHARS: Final = 500


class TitleChoices:
    """Choices are about ids, so that they hold for entries that are found again tomorrow."""

    def __init__(self, store: TitleChoiceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def all_of(self, owner: Owner) -> tuple[Chosen, ...]:
        return await self._store.all_of(owner)

    async def choose(self, owner: Owner, type_: str, id_: str, other: str, *, same: bool) -> Chosen:
        if id_ == other:
            raise OneEntry("These are one entry, which nothing can be said about.")
        if any(len(text) > MAX_CHARS for text in (type_, id_, other)):
            raise InvalidInput(f"An id has at most {MAX_CHARS} characters.", fields={"other_id": "too long"})
        kind, one, two = _pair(type_, id_, other)
        chosen = Chosen(kind=kind, one=one, other=two, same=same, at=epoch_ms(self._clock))
        await self._store.choose(owner, chosen, at_most=MOST)
        return chosen

    async def take_back(self, owner: Owner, type_: str, id_: str, other: str) -> None:
        await self._store.take_back(owner, *_pair(type_, id_, other))


def _pair(type_: str, id_: str, other: str) -> tuple[str, str, str]:
    one, two = sorted((id_, other))
    return type_.casefold(), one, two
